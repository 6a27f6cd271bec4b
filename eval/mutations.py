"""The checker checked: sound answers are altered in every way we know, and the share that the check catches is reported.

A checker that nobody has tried to deceive is decoration. Run it with `python -m eval.mutations`.
"""

import random
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from rag.answer import quote
from rag.citations import breaches
from rag.config import Config
from rag.corpus import read_corpus
from rag.passages import sentences
from rag.reader import Reading
from rag.records import Answer, Citation, Document, Gloss, Sentence

Mutation = Callable[[Answer, random.Random], Answer | None]
"""An altered answer, or None where this kind of alteration does not apply."""


@dataclass(frozen=True, slots=True)
class Row:
    """How many alterations of one kind were made, and how many of them the check refused."""

    kind: str
    made: int
    caught: int


def sound_answers(documents: list[Document], seed: int = 0) -> Iterator[Answer]:
    """Answers that quote one to three sentences of a document, in the document's language and in a translation's."""
    chance = random.Random(seed)
    for document in documents:
        spans = sentences(document.text, document.language)
        readings = [Reading(document, span, 1.0) for span in spans]
        for language in (document.language, *(t.language for t in document.translations)):
            for count in range(1, min(3, len(readings)) + 1):
                for _ in range(10):
                    yield quote("?", language, chance.sample(readings, count))


def measure(documents: list[Document], seed: int = 0) -> list[Row]:
    """Alter every sound answer in every way, check each, and count by kind.

    Raises:
        AssertionError: an unaltered answer was refused.
    """
    texts = {(d.id, d.sha256): d for d in documents}
    made, caught, chance = Counter[str](), Counter[str](), random.Random(seed)
    for answer in sound_answers(documents, seed):
        problems = breaches(answer, lambda *key: texts.get(key))
        assert not problems, problems  # noqa: S101
        for kind, mutate in MUTATIONS.items():
            altered = mutate(answer, chance)
            if altered is not None and altered != answer:
                made[kind] += 1
                caught[kind] += bool(breaches(altered, lambda *key: texts.get(key)))
        for kind, change in CHANGES.items():
            changed = {key: replace(d, text=change(d.text, answer.citations[0])) for key, d in texts.items()}
            cited = answer.citations[0].document, answer.citations[0].sha256
            if changed[cited] != texts[cited]:
                made[kind] += 1
                caught[kind] += bool(breaches(answer, lambda *key, changed=changed: changed.get(key)))
    return [Row(kind, made[kind], caught[kind]) for kind in made]


def _cited(change: Callable[[Citation, random.Random], Citation]) -> Mutation:
    """Alter the first citation."""

    def mutate(answer: Answer, chance: random.Random) -> Answer:
        first, *others = answer.citations
        return replace(answer, citations=(change(first, chance), *others))

    return mutate


def _said(change: Callable[[str], str]) -> Mutation:
    """Alter the words of the first sentence, in the sentence and in the text."""

    def mutate(answer: Answer, _chance: random.Random) -> Answer:
        first, *others = answer.sentences
        return _joined(answer, (replace(first, text=change(first.text)), *others))

    return mutate


def _joined(answer: Answer, parts: tuple[Sentence, ...]) -> Answer:
    return replace(answer, sentences=parts, text=" ".join(s.marked for s in parts))


def _next_digit(text: str) -> str:
    return re.sub(r"\d", lambda m: str((int(m[0]) + 1) % 10), text, count=1)


def _other_name(text: str) -> str:
    """Swap the first name-like word that is not at the start."""
    return re.sub(r"(?<=\s)[A-Z][a-z]{3,}", "Zelensky", text, count=1)


def _negated(text: str) -> str:
    for word, turned in (("tidak ", ""), (" not", ""), (" akan ", " tidak akan "), (" will ", " will not ")):
        if word in text:
            return text.replace(word, turned, 1)
    return text


def _neighbour(answer: Answer, _chance: random.Random) -> Answer | None:
    """Two sentences change their citations."""
    if len(answer.sentences) < 2:
        return None
    first, second, *others = answer.sentences
    swapped = replace(first, citations=second.citations), replace(second, citations=first.citations)
    return _joined(answer, (*swapped, *others))


def _spliced(answer: Answer, _chance: random.Random) -> Answer | None:
    """Half of one sentence and half of another under one citation."""
    if len(answer.sentences) < 2:
        return None
    first, second, *others = answer.sentences
    text = first.text[: len(first.text) // 2] + second.text[len(second.text) // 2 :]
    return _joined(answer, (replace(first, text=text), second, *others))


def _marker_dropped(answer: Answer, _chance: random.Random) -> Answer:
    return _joined(answer, (replace(answer.sentences[0], citations=()), *answer.sentences[1:]))


def _marker_invented(answer: Answer, _chance: random.Random) -> Answer:
    return _joined(answer, (replace(answer.sentences[0], citations=(99,)), *answer.sentences[1:]))


def _gloss_altered(citation: Citation, _chance: random.Random) -> Citation:
    gloss = citation.translation
    return replace(citation, translation=Gloss(gloss.language, gloss.text + " indeed", gloss.by)) if gloss else citation


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


MUTATIONS: dict[str, Mutation] = {
    "offset shifted": _cited(lambda c, r: replace(c, start=c.start + (by := r.choice([-2, -1, 1, 2])), end=c.end + by)),
    "quote shortened": _cited(lambda c, _: replace(c, end=c.end - 1)),
    "quote normalised (NFD)": _cited(lambda c, _: replace(c, quote=_decomposed(c.quote))),
    "quote lower-cased": _cited(lambda c, _: replace(c, quote=c.quote.lower())),
    "digit swapped in the quote": _cited(lambda c, _: replace(c, quote=_next_digit(c.quote))),
    "another document": _cited(lambda c, _: replace(c, document="another")),
    "another text's hash": _cited(lambda c, _: replace(c, sha256=c.sha256[::-1])),
    "translation altered": _cited(_gloss_altered),
    "digit swapped in the answer": _said(_next_digit),
    "name swapped in the answer": _said(_other_name),
    "negation turned in the answer": _said(_negated),
    "words added to the answer": _said(lambda text: text + " This is certain."),
    "neighbour cited": _neighbour,
    "two sentences spliced": _spliced,
    "marker dropped": _marker_dropped,
    "marker invented": _marker_invented,
    "marker invented in the text": lambda a, _: replace(a, text=a.text + " [7]"),
    "citation left over": lambda a, _: replace(a, citations=(*a.citations, replace(a.citations[0], number=9))),
    "declined and yet cites": lambda a, _: replace(a, declined=True),
}

CHANGES: dict[str, Callable[[str, Citation], str]] = {
    "document changed by one character": lambda text, c: text[: c.start] + "x" + text[c.start + 1 :],
    "document changed elsewhere": lambda text, _: text + " ",
    "document normalised (NFD)": lambda text, _: _decomposed(text),
}


def main() -> None:
    """Print the table for the corpus."""
    for row in measure(read_corpus(Config.load().corpus)):
        sys.stdout.write(f"{row.kind:36} {row.caught:5} of {row.made:5} caught\n")


if __name__ == "__main__":
    main()
