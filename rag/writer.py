"""Quotations -> an answer in a language model's words, of which each sentence is given only after it has passed."""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import Self

from rag import answer as answers
from rag import claims, prompts
from rag.alignment import Aligner
from rag.citations import FindRevision, breaches, untranslated, wording
from rag.config import Config
from rag.errors import LanguageModelError, QuestionError
from rag.gate import Gate, Judge
from rag.language import may_be_in
from rag.language_model import LanguageModel, Meter, Prompt
from rag.questions import checked_question
from rag.reader import Reading
from rag.records import Answer, Citation, Event, Gloss, Sentence, Turn
from rag.remote_model import open_model

OFFERED = 5
"""Quotations that a model may cite."""
LONGEST = 4000
"""Code points of a reply that are read; a model that goes on is stopped."""
MOST_SENTENCES = 6
SHOWN_OF_REFUSED = 200
"""Code points of a refused sentence that are told."""
_ATTEMPTS = 2

_ASKING = ("?", "？", "؟", ";", "՞", "።")


class Writer:
    """Words answers, follow-up questions and translations with a language model, behind a gate."""

    def __init__(self, model: LanguageModel, gate: Gate) -> None:
        """Keep finished parts."""
        self._model = model
        self._gate = gate

    @classmethod
    def open(cls, config: Config, model: LanguageModel | None, judge: Judge | None, aligner: Aligner | None) -> Self:
        """A writer with the model given or configured, behind the gate.

        Raises:
            LanguageModelError: it cannot be made.
        """
        return cls(model or open_model(config.llm, patience=config.llm_patience), Gate(judge, aligner))

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    @property
    def manifest(self) -> dict[str, str]:
        """What its words are made with."""
        return {"language_model": self.name, "prompts": str(prompts.VERSION)}

    def reword(
        self, quoted: Answer, question: str, readings: Sequence[Reading], find: FindRevision, meter: Meter
    ) -> Generator[Event, None, Answer]:
        """A quoted answer in the model's words, or itself where no words pass that carry it; each sentence is told at once.

        Args:
            quoted: what stands whatever the model does.
            question: as it stands alone.
            readings: what was read, best first; the quoted ones and the next best may be cited.
            find: gives the revision that a citation is pinned to.
            meter: counts what this takes.
        """
        yield Event("stage", "writing")
        cited = {(c.document, c.start) for c in quoted.citations}
        by_use = sorted(readings, key=lambda r: (r.document.id, r.span.start) not in cited)  # what is quoted keeps its number
        offered = answers.quotations(quoted.language, by_use[:OFFERED])
        sentences, problems = list[Sentence](), list[str]()
        languages = {reading.document.id: reading.document.language for reading in readings}
        with closing(self.write(question, quoted.language, offered, problems, meter, languages)) as written:
            for sentence in written:
                sentences.append(sentence)
                yield Event("sentence", sentence.marked)
        if sentences:
            worded = answers.worded(quoted, self.name, sentences, offered)
            if not (found := breaches(worded, find)):
                return replace(worded, problems=tuple(problems))
            problems += found
        for sentence in quoted.sentences:
            yield Event("sentence", sentence.marked)
        return replace(quoted, problems=tuple(problems))

    def translate(self, answer: Answer, prices: tuple[float, float] | None) -> Answer:
        """The answer with a translation beside each quote that has none in the answer's language.

        Raises:
            LanguageModelError: the model cannot be reached, or makes no sense.
        """
        meter = Meter(*(int(answer.usage.get(name, 0)) for name in ("replies", "prompt_tokens", "completion_tokens")))
        citations = list[Citation]()
        for c in answer.citations:
            made = self.gloss(c.quote, answer.language, meter) if untranslated(c, answer.language) else None
            citations.append(replace(c, translation=made) if made else c)
        return replace(answer, citations=tuple(citations), usage=meter.to_dict(prices))

    def write(
        self,
        question: str,
        language: str,
        quotations: Sequence[Citation],
        problems: list[str],
        meter: Meter,
        languages: Mapping[str, str] = MappingProxyType({}),
    ) -> Generator[Sentence, None, None]:
        """Each sentence as soon as it has passed, and one that passed rests on the first quotation, which answers best.

        What is refused is asked for once more with the reason.

        Args:
            question: as it stands alone.
            language: to answer in.
            quotations: what may be cited, the one that answers best first.
            problems: told what is refused, in whichever attempt, and what goes wrong.
            meter: counts what this takes.
            languages: of the documents quoted, by id; where one is missing it is detected.
        """
        prompt = prompts.answer(question, language, quotations)
        passed: list[Sentence] = []
        given = 0
        dropped: dict[str, tuple[str, ...]] = {}
        try:
            for _ in range(_ATTEMPTS):
                refused: dict[str, tuple[str, ...]] = {}
                for claim in self._claims(prompt, language, meter):
                    if reasons := self._reasons(claim, question, language, quotations, languages):
                        dropped[claim.text] = refused[claim.text] = reasons
                    elif claim.text not in [s.text for s in passed]:  # a model may go in circles
                        passed.append(claim)
                    if any(quotations[0].number in s.citations for s in passed):
                        yield from passed[given:]
                        given = len(passed)
                if not refused:
                    break
                prompt = prompts.again(question, language, quotations, refused)
        except LanguageModelError as error:
            problems.append(str(error))
        said = {s.text for s in passed}
        problems += [_problem(text, reasons) for text, reasons in dropped.items() if text not in said]
        problems += [_problem(s.text, ("it leaves out what answers best",)) for s in passed[given:]]
        if not given and not problems:
            problems.append(f"{self.name} wrote nothing")

    def standalone(self, question: str, history: Sequence[Turn], meter: Meter) -> str | None:
        """A follow-up so that it stands alone; None where the model has no sound proposal."""
        try:
            alone = checked_question(self._line(prompts.standalone(question, history), meter))
        except (LanguageModelError, QuestionError):
            return None
        return alone if _asks_the_same(question, alone) else None

    def gloss(self, quote: str, language: str, meter: Meter) -> Gloss | None:
        """What a quote says in another language, as a reading aid; None where the model's translation does not pass.

        Raises:
            LanguageModelError: the model cannot be reached, or makes no sense.
        """
        text = wording(self._line(prompts.translation(quote, language), meter))
        sound = text and may_be_in(text, language) and not self._gate.check(text, [quote], language=language)
        return Gloss(language, text, self.name, machine=True) if sound else None

    def _reasons(
        self, claim: Sentence, question: str, language: str, quotations: Sequence[Citation], languages: Mapping[str, str]
    ) -> tuple[str, ...]:
        """Why a claim may not be shown."""
        offered = {c.number: c for c in quotations}
        if not claim.citations:
            return ("it cites nothing",)
        if unknown := [n for n in claim.citations if n not in offered]:
            return tuple(f"there is no quotation {n}" for n in unknown)
        if not may_be_in(claim.text, language):
            return (f"it is not in the language {language!r}",)
        cited = [offered[n] for n in claim.citations]
        return self._gate.check(
            claim.text,
            [c.quote for c in cited],
            question=question,
            language=language,
            evidence_languages=[languages.get(c.document, "") for c in cited],
            dates=[c.date for c in cited],
        )

    def _claims(self, prompt: Prompt, language: str, meter: Meter) -> Iterator[Sentence]:
        with closing(self._pieces(prompt, meter)) as pieces:
            for claim in islice(claims.claims(pieces, language), MOST_SENTENCES):
                if claim.text.strip(".。 ") not in {"", prompts.NOTHING}:
                    yield claim

    def _line(self, prompt: Prompt, meter: Meter) -> str:
        """The first line of a reply."""
        text = ""
        with closing(self._pieces(prompt, meter)) as pieces:
            for piece in pieces:
                text = (text + piece).lstrip()
                if "\n" in text:
                    break
        return text.partition("\n")[0]

    def _pieces(self, prompt: Prompt, meter: Meter) -> Generator[str, None, None]:
        length = 0
        with closing(self._model.stream(prompt, meter)) as pieces:
            for piece in pieces:
                length += len(piece)
                if length > LONGEST:
                    raise LanguageModelError(f"{self.name} does not come to an end")
                yield piece


def _asks_the_same(question: str, alone: str) -> bool:
    """Whether a rewritten question may be one, and has a third of the words it was made from, or their beginnings.

    A small model is as likely to answer, or to ask something else; the rest is for retrieval and reading to decide.
    """
    words = re.findall(r"\w+", question.casefold())
    kept = [word for word in words if word[:4] in alone.casefold()]
    asks = not question.endswith(_ASKING) or alone.endswith(_ASKING)
    return asks and not claims.MARKERS.search(alone) and 3 * len(kept) >= len(words)


def _problem(text: str, reasons: Sequence[str]) -> str:
    shown = text if len(text) <= SHOWN_OF_REFUSED else text[:SHOWN_OF_REFUSED] + "…"
    return f"“{shown}”: {'; '.join(reasons)}"
