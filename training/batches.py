"""Facts -> what the reader is asked: a question with windows of one to four sentences, most of them without an answer."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag.cross_encoder import Window
from training.data import Authored, Claim, Contrast, Fact, Parallel, Place, Statement, Story

LENGTHS = (1, 2, 2, 3, 4)
"""Sentences of a window, each as likely."""


@dataclass(frozen=True)
class Example:
    """A question with its windows; `gold` holds the sentences of each window that answer, `words` where the words stand."""

    question: str
    windows: tuple[Window, ...]
    gold: tuple[frozenset[int], ...]
    words: tuple[Place | None, ...]
    words_known: bool


Maker = Callable[[Any, random.Random], Example | Statement | Contrast]


def window(story: Story, first: int, last: int, *, title: bool) -> Window:
    """Sentences first to last (included) of a story."""
    start, end = story.sentences[first][0], story.sentences[last][1]
    places = tuple((low - start, high - start) for low, high in story.sentences[first : last + 1])
    return Window(story.title if title else "", story.text[start:end], places)


def positive(fact: Fact, rng: random.Random, *, title: bool) -> tuple[Window, frozenset[int], Place | None]:
    """A window that holds an answer, where in it, and in which words."""
    anchor = rng.choice(sorted(fact.gold))
    length = min(rng.choice(LENGTHS), len(fact.story.sentences))
    first = min(max(0, anchor - rng.randrange(length)), len(fact.story.sentences) - length)
    made = window(fact.story, first, first + length - 1, title=title)
    gold = frozenset(i - first for i in fact.gold if first <= i < first + length)
    start = fact.story.sentences[first][0]
    inside = fact.words and start <= fact.words[0] and fact.words[1] <= start + len(made.text)
    return made, gold, (fact.words[0] - start, fact.words[1] - start) if fact.words and inside else None


def negative(story: Story, gold: frozenset[int], rng: random.Random, *, title: bool, closest: Sequence[int] = ()) -> Window | None:
    """A window of the story without an answer, or None where there is no room for one.

    Where sentences are named, the hardest first, it holds one of them, the n-th with a weight of 1/n.
    """
    for _ in range(4):
        length = min(rng.choice(LENGTHS), len(story.sentences))
        if others := [i for i in closest if i not in gold]:
            anchor = rng.choices(others, [1 / n for n in range(1, len(others) + 1)])[0]
            first = min(max(0, anchor - rng.randrange(length)), len(story.sentences) - length)
        else:
            first = rng.randrange(len(story.sentences) - length + 1)
        if not gold & set(range(first, first + length)):
            return window(story, first, first + length - 1, title=title)
    return None


def assemble(fact: Fact, others: Sequence[Window | None], rng: random.Random, *, title: bool, answered: bool = True) -> Example:
    """The window that answers (if one does) among others that don't, in any order."""
    rows: list[tuple[Window, frozenset[int], Place | None]] = [(w, frozenset(), None) for w in others if w]
    if answered and fact.gold:
        rows.append(positive(fact, rng, title=title))
    elif not rows:
        rows.append((window(fact.story, 0, 0, title=title), fact.gold & {0}, None))
    rng.shuffle(rows)
    known = fact.words_known and all(place is not None for _, gold, place in rows if gold)
    windows, golds, words = zip(*rows, strict=True)
    return Example(fact.question, windows, golds, words, known)


def one_language(item: tuple[Fact, list[Story]], rng: random.Random) -> Example:
    """A question over its own paragraph, now and then beside one that looks alike."""
    fact, alike = item
    title = rng.random() < 0.5
    others = []
    if not fact.gold or rng.random() < 0.5:
        others.append(negative(fact.story, fact.gold, rng, title=title))
    if not fact.gold and rng.random() < 0.3:
        others.append(negative(fact.story, fact.gold, rng, title=title))
    if alike and rng.random() < 0.5:
        others.append(negative(rng.choice(alike), frozenset(), rng, title=title))
    return assemble(fact, others, rng, title=title)


def across(parallels: Sequence[Parallel]) -> Maker:
    """A question in one language over a paragraph in another, beside windows of the same article and of others."""
    by_article: dict[int, list[Parallel]] = {}
    for p in parallels:
        by_article.setdefault(p.article, []).append(p)

    def make(item: Parallel, rng: random.Random) -> Example:
        asked, told = rng.choice(list(item.facts)), rng.choice(list(item.facts))
        fact = replace(item.facts[told], question=item.facts[asked].question)
        title = rng.random() < 0.4
        others = []
        for _ in range(rng.choice((0, 1, 1, 2, 2, 3))):
            language = _language(rng, told, asked, list(item.facts))
            kind = rng.random()
            if kind < 0.4:
                own = item.facts[language]
                others.append(negative(own.story, own.gold, rng, title=title))
            else:
                pool = by_article[item.article] if kind < 0.8 else parallels
                story = rng.choice(pool).facts[language].story
                if story.text != item.facts[language].story.text:
                    others.append(negative(story, frozenset(), rng, title=title))
        return assemble(fact, others, rng, title=title, answered=not others or rng.random() < 0.85)

    return make


def matching(documents: dict[str, dict[str, Story]]) -> Maker:
    """A sentence, or a few words of it, in one language: which sentence of the news in another says the same?"""
    identifiers = list(documents)

    def make(item: tuple[str, int], rng: random.Random) -> Example:
        identifier, line = item
        stories = documents[identifier]
        asked, told = rng.sample(list(stories), 2)
        low, high = stories[asked].sentences[line]
        fact = Fact(_part(stories[asked].text[low:high], rng), stories[told], frozenset({line}), None, False)
        title = rng.random() < 0.6
        others = []
        for _ in range(rng.choice((0, 1, 2, 3))):
            language = _language(rng, told, asked, list(stories))
            other = identifier if rng.random() < 0.7 else rng.choice(identifiers)
            gold = frozenset({line} if other == identifier else ())
            others.append(negative(_in(documents[other], language), gold, rng, title=title))
        return assemble(fact, others, rng, title=title, answered=not others or rng.random() < 0.85)

    return make


def own(
    documents: dict[str, dict[str, Story]],
    alike: dict[tuple[str, str], list[tuple[str, int]]],
    questions: Sequence[Authored],
) -> Maker:
    """Our own questions, in any language, over Indonesian news half of the time and any other language the rest.

    One in eight stands behind another question about the same document, which must not be what is answered; and one in ten
    beside itself in any of its languages, which is no answer.

    Args:
        documents: news, of NTREX and made up.
        alike: for each document and question (`key`), places as (document, line), the hardest first.
        questions: those that may stand before.
    """
    earlier: dict[tuple[str, str], list[str]] = {}
    for question in questions:
        for language, text in question.questions.items():
            earlier.setdefault((question.document, language), []).append(text)

    def make(item: Authored, rng: random.Random) -> Example:
        stories = documents[item.document]
        asked = rng.choice(list(item.questions))
        told = "id" if rng.random() < 0.5 else rng.choice(list(stories))
        gold = frozenset(item.lines)
        words = _words(stories[told], item, told)
        text = item.questions[asked]
        if item.before:
            text = f"{item.before} {text}"
        elif rng.random() < 0.12:
            text = " ".join(dict.fromkeys([rng.choice(earlier[item.document, asked]), text]))
        fact = Fact(text, stories[told], gold, words, words is not None or not gold)
        title = rng.random() < 0.75
        places = alike[key(item)]
        closest = [*item.tempting, *(n for d, n in places if d == item.document and n not in item.tempting)]
        elsewhere = [(d, n) for d, n in places if d != item.document]
        others = []
        for _ in range(rng.choice((1, 1, 2, 2, 3))):
            language = _language(rng, told, asked, list(stories))
            if rng.random() < 0.6:
                others.append(negative(stories[language], gold, rng, title=title, closest=closest))
            else:
                other, line = rng.choice(elsewhere)
                others.append(negative(_in(documents[other], language), frozenset(), rng, title=title, closest=[line]))
        if rng.random() < 0.1:
            echo = rng.choice(list(item.questions.values()))
            others.append(Window(stories[told].title if title else "", echo, ((0, len(echo)),)))
        return assemble(fact, others, rng, title=title, answered=not others or rng.random() < 0.85)

    return make


def key(item: Authored) -> tuple[str, str]:
    """Which question it is: its document, and what it asks in the first of its languages."""
    return item.document, f"{item.before} {next(iter(item.questions.values()))}".strip()


def claimed(documents: dict[str, dict[str, Story]]) -> Maker:
    """Our own statements in any language, beside their lines in Indonesian half of the time and any other language the rest."""

    def make(item: Claim, rng: random.Random) -> Statement | Contrast:
        stories = documents[item.document]
        story = stories["id" if rng.random() < 0.5 else rng.choice(list(stories))]
        passage = window(story, min(item.lines), max(item.lines), title=False).text
        language = rng.choice(list(item.statements))
        if not item.altered:
            return Statement(item.statements[language], passage, item.label)
        return Contrast(Statement(item.statements[language], passage, 0), Statement(item.altered[language], passage, item.label))

    return make


def statement(item: Statement, rng: random.Random) -> Statement:  # noqa: ARG001
    """A pair as it is."""
    return item


def translated(documents: dict[str, dict[str, Story]]) -> Maker:
    """A translation is supported; with another number in it, contradicted; another sentence of the same news, neither."""

    def make(item: tuple[str, int], rng: random.Random) -> Statement:
        identifier, line = item
        stories = documents[identifier]
        asked, told = rng.choice(list(stories)), rng.choice(list(stories))
        first = max(0, line - rng.randrange(2))
        last = min(line + rng.randrange(2), len(stories[told].sentences) - 1)
        passage = window(stories[told], first, last, title=False).text
        low, high = stories[asked].sentences[line]
        text, label = stories[asked].text[low:high], 0
        chance = rng.random()
        numbers = list(re.finditer(r"(?<![\d.,])[1-9]\d{0,3}(?![\d.,]*\d)", text))
        if chance < 0.4 and numbers:
            one = rng.choice(numbers)
            text, label = text[: one.start()] + str(_other(int(one[0]), rng)) + text[one.end() :], 1
        elif chance < 0.7:
            rest = [i for i in range(len(stories[asked].sentences)) if not first <= i <= last]
            if rest:
                low, high = stories[asked].sentences[rng.choice(rest)]
                text, label = stories[asked].text[low:high], 2
        return Statement(text, passage, label)

    return make


def _words(story: Story, item: Authored, language: str) -> Place | None:
    """Where the answer's exact words stand, if they are known in this language."""
    answer = item.answer.get({"id": "ind", "en": "eng"}.get(language, ""), "")
    if not answer or not item.lines:
        return None
    low, high = story.sentences[item.lines[0]]
    at = story.text.find(answer, low, high)
    return None if at < 0 else (at, at + len(answer))


def _in(stories: dict[str, Story], language: str) -> Story:
    """The story in the language, or in Indonesian, which each has."""
    return stories.get(language, stories["id"])


def _language(rng: random.Random, told: str, asked: str, languages: Sequence[str]) -> str:
    """A negative's language: mostly the answer's, at times the question's, so that neither gives it away."""
    return rng.choices((told, asked if asked in languages else told, rng.choice(languages)), (6, 2, 2))[0]


def _part(text: str, rng: random.Random) -> str:
    """Half of the time the text, else some consecutive words of it, as people type into a search box."""
    if rng.random() < 0.4:
        return text
    spaced = text.count(" ") * 12 > len(text)
    units = text.split() if spaced else list(text)
    size = min(len(units), rng.randrange(5, 11) * (1 if spaced else 3))
    first = rng.randrange(len(units) - size + 1)
    return (" " if spaced else "").join(units[first : first + size])


def _other(number: int, rng: random.Random) -> int:
    """A different number of like size."""
    low, high = max(1, number - max(3, number // 10)), number + max(3, number // 10)
    return rng.choice([n for n in range(low, high + 1) if n != number])
