"""The nouns of the product: frozen values without behaviour beyond what follows from their fields.

Offsets are Unicode code points into `Document.text`, half open: [start, end).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter

EXTRACTIVE = "extractive"
"""The answerer that says nothing but what it quotes."""

_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch [start, end) of a document's text."""

    __pydantic_config__ = _STRICT
    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share at least one code point."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class AlignedSentence:
    """One sentence [start, end) of the original, and what it says in the translation's language."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Translation:
    """A reading aid beside a document, sentence by sentence; never the evidence. `by` says who made it."""

    language: str
    by: str
    sentences: tuple[AlignedSentence, ...]

    def of(self, span: Span) -> str | None:
        """The translation of the sentences that `span` touches, or None where one of them has none."""
        touched = [s for s in self.sentences if span.overlaps(Span(s.start, s.end))]
        return " ".join(s.text for s in touched) or None


@dataclass(frozen=True, slots=True)
class Document:
    """An article as stored. `text` is the evidence, code point for code point; the rest is about it."""

    id: str
    text: str
    title: str
    language: str
    publisher: str = ""
    source: str = ""
    date: str = ""
    desk: str = ""
    translations: tuple[Translation, ...] = ()
    author: str = ""
    url: str = ""
    origin: str = ""
    """Where it was read from: a path or a name, and what leads to it in there; reading that again gives the same document."""
    former_dates: tuple[str, ...] = ()
    """Dates that this revision was thought to be of before they were corrected; answers from then still hold."""

    @property
    def sha256(self) -> str:
        """Hash of the UTF-8 text, which pins every offset into it."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Passage:
    """What is embedded and retrieved: a run of whole sentences, `text == document.text[start:end]`."""

    document: str
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with the score it was retrieved by (cosine similarity, 1 is identical)."""

    passage: Passage
    score: float
    document: Document
    """What it was cut from, in that revision."""

    def to_dict(self) -> dict[str, Any]:
        """The hit as JSON values: document, start, end, quote, score."""
        p = self.passage
        return {"document": p.document, "start": p.start, "end": p.end, "quote": p.text, "score": self.score}


@dataclass(frozen=True, slots=True)
class Support:
    """What a passage is to a statement, as probabilities that sum to 1."""

    supported: float
    contradicted: float
    neither: float


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation and the answer it was given."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Gloss:
    """A citation's words in the reader's language, and who translated them: a reading aid, never the evidence."""

    __pydantic_config__ = _STRICT
    language: str
    text: str
    by: str
    machine: bool = False
    """Whether a language model made it for this answer; else it is the document's own translation."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """A passage offered beside a declined answer: close, but not evidence."""

    __pydantic_config__ = _STRICT
    document: str
    start: int
    end: int
    quote: str
    score: float
    sha256: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A span of a document that supports a sentence of the answer; `number` is its marker."""

    __pydantic_config__ = _STRICT
    number: int
    document: str
    title: str
    start: int
    end: int
    quote: str
    score: float
    sha256: str
    translation: Gloss | None = None
    answer_span: Span | None = None
    """The exact words within the quote that answer, where there are such words."""
    date: str = ""
    """The document's, as its publisher gives it: what "yesterday" and "next week" in the quote count from."""
    later: bool = False
    """Whether another document that is cited beside it is of an earlier date."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer and the numbers of the citations it rests on."""

    __pydantic_config__ = _STRICT
    text: str
    citations: tuple[int, ...]

    @property
    def marked(self) -> str:
        """The sentence with its markers: `It did. [1][2]`."""
        return f"{self.text} {''.join(f'[{n}]' for n in self.citations)}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person is told, and everything it rests on. `text` is the sentences joined, with [n] markers."""

    __pydantic_config__ = _STRICT
    question: str
    language: str
    declined: bool
    text: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Nearest, ...] = ()
    problems: tuple[str, ...] = ()
    confidence: float = 0.0
    """The calibrated probability that the documents answer."""
    answerer: str = EXTRACTIVE
    """Whose words the sentences are: `EXTRACTIVE` for the documents' own, or the language model's name."""
    understood: str = ""
    """A follow-up as a language model made it stand alone, where it was read so."""
    manifest: Mapping[str, str] = field(default_factory=dict)
    """What made it: the embedder and its weights, the splitter's version, the reader."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    usage: Mapping[str, float] = field(default_factory=dict)
    """Of a language model: replies, prompt_tokens, completion_tokens, and cost where its price is known."""

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON values, as the contract lays them out."""
        values: dict[str, Any] = _ANSWER.dump_python(self, mode="json")
        return values

    @staticmethod
    def from_json(text: str | bytes) -> "Answer":
        """Read back what `to_dict` gave, as JSON.

        Raises:
            pydantic.ValidationError: it is not JSON, or a field is missing, unknown or of another type.
        """
        return _ANSWER.validate_json(text)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of adding documents: `done` of `total` files are read, or passages of one long document embedded, or documents stored.

    `name` is what is under way: a file, or a document's id.
    """

    stage: Literal["reading", "embedding", "storing"]
    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Event:
    """A step of an answer under way.

    `stage` names what is being done. `quotes` comes once where a language model goes on to word the answer, and holds the
    whole answer in the documents' own words, which stands whatever the model does. `sentence` is one that has passed and
    stays; `answer` comes last and holds the whole answer.
    """

    kind: Literal["stage", "quotes", "sentence", "answer"]
    text: str = ""
    answer: Answer | None = None


_ANSWER = TypeAdapter(Answer)
