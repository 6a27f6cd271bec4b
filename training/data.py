"""Data sets -> stories (a document cut into sentences) and facts (a question and where a story answers it).

Files are read by path and never copied; `data.sha256` says which. What is reported (FacQA valid, IDK-MRC valid, IndoNLI test,
XQuAD-R articles 20-23) is read by `eval`, and its texts by `training.retrieval`.
"""

import ast
import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

from rag.passages import sentences

DATA = Path(__file__).parents[1] / "../shared/data"
QUESTIONS = Path(__file__).with_name("questions")
XQUAD = ("en", "de", "es", "tr", "vi", "zh", "ar")
NTREX = {
    "id": "ref.ind", "en": "src.eng", "ar": "ref.arb", "de": "ref.deu", "fr": "ref.fra", "ja": "ref.jpn", "ko": "ref.kor",
    "ms": "ref.msa", "nl": "ref.nld", "ru": "ref.rus", "es": "ref.spa", "tr": "ref.tur", "vi": "ref.vie", "zh": "ref.zho-CN",
}  # fmt: skip
TRAIN, DEVELOPMENT = range(16), range(16, 20)
"""Articles of XQuAD-R, in file order; those behind them are reported."""
HELD_OUT = 250
"""Contexts at the end of IDK-MRC's train split that are kept for calibration."""
MADE_HELD_OUT = re.compile(r"made-[syz][a-h]05")
"""Ids of the articles that we made up and keep for development: 24."""

LABELS = ("supported", "contradicted", "neither")

Place = tuple[int, int]


@dataclass(frozen=True)
class Story:
    """A document (or paragraph): sentences are offsets into the text."""

    title: str
    text: str
    sentences: tuple[Place, ...]
    language: str


@dataclass(frozen=True)
class Fact:
    """A question and the sentences that answer it (none: unanswerable); words are offsets, where they are known."""

    question: str
    story: Story
    gold: frozenset[int]
    words: Place | None
    words_known: bool = True


@dataclass(frozen=True)
class Statement:
    """A statement and what a passage is to it: 0 supports, 1 contradicts, 2 neither."""

    text: str
    passage: str
    label: int


@dataclass(frozen=True)
class Contrast:
    """What a passage supports, and the same with one thing altered, which it does not."""

    carried: Statement
    altered: Statement


@dataclass(frozen=True)
class Parallel:
    """One question over one paragraph in several languages: facts by language, of which question and story are mixed."""

    facts: dict[str, Fact]
    article: int


@dataclass(frozen=True)
class Authored:
    """A question of ours about news of NTREX or news that we made up, by language; `lines` count from 0 in the document.

    `tempting` are lines that a careless reader would quote.
    """

    document: str
    lines: tuple[int, ...]
    answer: dict[str, str]
    kind: str
    questions: dict[str, str]
    tempting: tuple[int, ...] = ()
    before: str = ""
    """The turns before it, where it is a follow-up: as `rag.conversation.in_context` puts them."""


@dataclass(frozen=True)
class Claim:
    """A statement of ours, by language, and what lines of a document (counted from 0) are to it; labels as `Statement`."""

    document: str
    lines: tuple[int, ...]
    label: int
    statements: dict[str, str]
    altered: dict[str, str] = field(default_factory=dict)
    """The same with one thing changed, to which `label` then belongs; the statements themselves are supported."""


def cut(text: str, language: str, title: str = "") -> Story:
    """A story, cut as the product cuts its documents."""
    return Story(title, text, tuple((s.start, s.end) for s in sentences(text, language)), language)


def locate(story: Story, question: str, start: int, text: str) -> Fact:
    """The fact that the words at `start` answer the question."""
    end = start + len(text)
    gold = frozenset(i for i, (low, high) in enumerate(story.sentences) if low < end and start < high)
    return Fact(question, story, gold, (start, end) if len(gold) == 1 else None, len(gold) == 1)


def squad(paragraphs: Sequence[dict[str, Any]], language: str, title: str = "") -> Iterator[Fact]:
    """The facts of paragraphs laid out as in SQuAD, with unanswerable questions."""
    for paragraph in paragraphs:
        story = cut(paragraph["context"], language, title)
        for asked in paragraph["qas"]:
            if asked.get("is_impossible"):
                yield Fact(asked["question"], story, frozenset(), None)
            elif asked["answers"]:
                first = asked["answers"][0]
                if (fact := locate(story, asked["question"], first["answer_start"], first["text"])).gold:
                    yield fact


def idk_mrc(split: str = "train") -> list[dict[str, Any]]:
    """IDK-MRC's contexts with their questions."""
    found: list[dict[str, Any]] = json.loads((DATA / f"idk_mrc/{split}.json").read_text())
    return found


def tydi(language: str, name: str) -> Iterator[Fact]:
    """TyDi QA's train split of a language, one question an article."""
    for article in json.loads((DATA / f"tydiqa/{name}_train.json").read_text())["data"]:
        yield from squad(article["paragraphs"], language, article["title"])


def squad_id() -> Iterator[Fact]:
    """SQuAD 2.0 in machine-made Indonesian, without the passages of XQuAD."""
    return squad(json.loads((DATA / "squad_id_mt/without_xquad_passages.json").read_text()), "id")


def facqa(split: str = "train") -> Iterator[Fact]:
    """FacQA's questions; its tokens are joined as they are written."""
    with (DATA / f"facqa/{split}_preprocess.csv").open() as file:
        for row in csv.DictReader(file):
            tokens, labels = ast.literal_eval(row["passage"]), ast.literal_eval(row["seq_label"])
            text, places = _joined(tokens)
            marked = [place for place, label in zip(places, labels, strict=True) if label != "O"]
            question = _joined(ast.literal_eval(row["question"]))[0]
            if marked:
                start, end = marked[0][0], marked[-1][1]
                if (fact := locate(cut(text, "id"), question, start, text[start:end])).gold:
                    yield fact


def xquad(articles: range) -> list[Parallel]:
    """XQuAD-R's questions with their paragraphs, in seven languages; sentences are the set's own."""
    by_id: dict[str, dict[str, Fact]] = {}
    article_of: dict[str, int] = {}
    for language in XQUAD:
        data = json.loads((DATA / f"xquad_r_first24/{language}.json").read_text())["data"]
        for number in articles:
            for paragraph in data[number]["paragraphs"]:
                text = paragraph["context"]
                breaks = [(low, text[low:high]) for low, high in paragraph["sentence_breaks"]]
                places = [(low + len(t) - len(t.lstrip()), low + len(t.rstrip())) for low, t in breaks if t.strip()]
                story = Story(data[number]["title"].replace("_", " "), text, tuple(places), language)
                for asked in paragraph["qas"]:
                    first = asked["answers"][0]
                    fact = locate(story, asked["question"], first["answer_start"], first["text"])
                    by_id.setdefault(asked["id"], {})[language] = fact
                    article_of[asked["id"]] = number
    whole = {i: f for i, f in by_id.items() if len(f) == len(XQUAD) and all(x.gold for x in f.values())}
    return [Parallel(facts, article_of[i]) for i, facts in whole.items()]


def ntrex() -> dict[str, dict[str, Story]]:
    """NTREX's documents by id and language: the headline is title and first sentence; line n is sentence n everywhere."""
    ids = (DATA / "ntrex/DOCUMENT_IDS.tsv").read_text().splitlines()
    found: dict[str, dict[str, Story]] = {}
    for language, name in NTREX.items():
        lines = (DATA / f"ntrex/newstest2019-{name}.txt").read_text().split("\n")[: len(ids)]
        for identifier, group in groupby(zip(ids, lines, strict=True), key=lambda pair: pair[0].split("\t")[0]):
            found.setdefault(identifier, {})[language] = _laid_out([line.strip() for _, line in group], language)
    return found


def held_out(document: str) -> bool:
    """Whether it is made-up news that is not trained on."""
    return bool(MADE_HELD_OUT.fullmatch(document))


def _laid_out(lines: Sequence[str], language: str) -> Story:
    """A headline and sentences, one to a line; the headline is title and first sentence."""
    ends = list(accumulate(len(line) + 1 for line in lines))
    places = tuple((end - 1 - len(line), end - 1) for line, end in zip(lines, ends, strict=True))
    return Story(lines[0], "\n".join(lines), places, language)


def made() -> dict[str, dict[str, Story]]:
    """News that we made up, in Indonesian, English and one language more, laid out as NTREX's documents are."""
    return {
        row["document"]: {language: _laid_out(lines, language) for language, lines in row["stories"].items()}
        for row in _rows("made.jsonl")
    }


def authored(files: str) -> list[Authored]:
    """Our own questions for training, of the files that match."""
    return [_authored(*row) for row in _ours(files) if not held_out(row[0])]


def authored_development() -> list[Authored]:
    """Our own questions for development, about other documents of NTREX."""
    return [_authored(*row) for row in _ours("dev.jsonl")]


def made_development() -> list[Authored]:
    """Our own questions about the made-up news that is not trained on."""
    return [_authored(*row) for row in _ours("train-*.jsonl") if held_out(row[0])]


def _authored(document: str, lines: tuple[int, ...], row: dict[str, Any]) -> Authored:
    tempting = _lines(document, row.get("tempting", ()))
    return Authored(document, lines, row["answer"], row["kind"], row["questions"], tempting)


def follow_ups() -> list[Authored]:
    """The second turns of our own dialogues for training."""
    return [
        Authored(turn["document"] or first["document"], _lines(turn["document"], turn["lines"]), turn["answer"], "follow-up",
                 {row["language"]: turn["question"]}, before=first["question"])
        for row in _rows("dialogues-train*.jsonl")
        for first, turn in [row["turns"]]
        if not held_out(first["document"])
    ]  # fmt: skip


def claims() -> list[Claim]:
    """Our own statements for training."""
    return [
        Claim(d, lines, LABELS.index(row["label"]), row["statements"], row.get("altered", {}))
        for d, lines, row in _ours("support-*.jsonl")
        if not held_out(d)
    ]


def _ours(pattern: str) -> Iterator[tuple[str, tuple[int, ...], dict[str, Any]]]:
    """Rows of our own files, with their document and its lines."""
    for row in _rows(pattern):
        yield row["document"], _lines(row["document"], row["lines"]), row


def _rows(pattern: str) -> Iterator[dict[str, Any]]:
    for file in sorted(QUESTIONS.glob(pattern)):
        yield from map(json.loads, file.read_text().splitlines())


def _lines(document: str, numbers: Sequence[int]) -> tuple[int, ...]:
    """Lines of the whole set, counted from 1, as lines of their document, counted from 0, as they are in news we made up."""
    return tuple(n - _first_lines().get(document, 0) for n in numbers)


@cache
def _first_lines() -> dict[str, int]:
    found: dict[str, int] = {}
    for number, identifier in enumerate((DATA / "ntrex/DOCUMENT_IDS.tsv").read_text().splitlines(), 1):
        found.setdefault(identifier.split("\t")[0], number)
    return found


def indonli(split: str = "train") -> list[Statement]:
    """IndoNLI's pairs: entailment, contradiction, neutral."""
    rows = map(json.loads, (DATA / f"indonli/{split}.jsonl").read_text().splitlines())
    return [Statement(row["hypothesis"], row["premise"], "ecn".index(row["label"])) for row in rows]


def _joined(tokens: Sequence[str]) -> tuple[str, list[Place]]:
    """Tokens as running text, and where each stands."""
    text, places = "", []
    for token in tokens:
        glued = not text or re.fullmatch(r"[.,;:!?)%\]”]+", token) or text[-1] in "([“"
        text += ("" if glued else " ") + token
        places.append((len(text) - len(token), len(text)))
    return text, places
