"""The desk behind the page: takes questions before the models are loaded, and answers in HTML.

Every answer is checked against the documents right before it is shown, whether it was just built or comes back from a
browser that kept it. What is refused is said in a sentence; nothing here shows a traceback.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from rag import exports
from rag.assistant import Assistant
from rag.citations import breaches
from rag.config import Config
from rag.errors import DocumentError, RagError, ReceiptError
from rag.feedback import Feedback, keep
from rag.formats.article import address, day, label
from rag.page import articles, turns
from rag.page.articles import Mark
from rag.page.intake import Intake
from rag.page.templates import render
from rag.page.words import WORDS, words
from rag.receipts import change
from rag.records import Answer, Citation, Nearest, Span

LONGEST_COMMENT = 2000
EDITABLE = ("title", "author", "publisher", "date", "language", "url")


class Example(BaseModel):
    """A question to start from; a corpus may bring some in `examples.json`."""

    model_config = ConfigDict(extra="forbid")
    language: str
    question: str


class Desk:
    """Answers the page's calls. Public methods are its endpoints; `language` is the page's own in each."""

    def __init__(self, config: Config, open_assistant: Callable[[Config], Assistant] = Assistant.open) -> None:
        """Begin to open the assistant on a thread of its own."""
        self._config = config
        self.intake = Intake(config)
        self._worded: dict[str, Answer] = {}
        self._opening: Future[Assistant] = Future()
        Thread(target=self._open, args=(open_assistant,), name="warming up", daemon=True).start()

    def shells(self) -> dict[str, str]:
        """The page's skeleton in each of its languages."""
        examples = _examples(self._config.corpus / "examples.json")
        return {
            language: render(
                "shell.html",
                language,
                examples=examples,
                network=self._config.network,
                pending=turns.pending("", "searching", (), key="", language=language),
            )
            for language in WORDS
        }

    def status(self, language: str) -> dict[str, str]:
        """`state` is warming, ready or failed; `text` says why it failed; `library` is the list of articles."""
        if not self._opening.done():
            return {"state": "warming", "text": words(language)["warming"], "library": ""}
        try:
            listed = articles.library(self._opening.result().documents(), language=language)
        except RagError as error:
            return {"state": "failed", "text": str(error), "library": ""}
        return {"state": "ready", "text": "", "library": listed}

    def ask(self, question: str, history: list[list[str]], documents: list[str], key: str, language: str) -> Iterator[str]:
        """A turn step by step: its stage, verified quotes and sentences, then the whole answer with its evidence."""
        sentences: list[str] = []
        quoted: Answer | None = None
        try:
            if not self._opening.done():
                yield turns.pending(question, "warming_stage", (), key=key, language=language)
            asked = [(earlier, answer) for earlier, answer in history]
            for event in self._assistant.stream(question, history=asked, documents=documents or None):
                if event.kind == "quotes" and event.answer:
                    quoted = self._worded[key] = event.answer
                    continue  # the stage that follows shows them
                if quoted and key not in self._worded:  # halted
                    yield self._turn(quoted, key, language)
                    return
                if event.answer:
                    yield self._turn(event.answer, key, language)
                    return
                sentences += [event.text] if event.kind == "sentence" else []
                known = event.kind == "stage" and event.text in words(language)
                stage = event.text if known else "writing" if quoted else "checking"
                find = self._assistant.library.revision
                yield turns.pending(question, stage, sentences, key=key, language=language, quoted=quoted, find=find)
        except RagError as error:
            yield turns.refused(question, [str(error)], key=key, language=language)
        finally:
            self._worded.pop(key, None)

    def halt(self, key: str, language: str) -> str:
        """A turn whose quotes are being put into words, as its quotes alone, and no more words; empty where it is whole already."""
        quoted = self._worded.pop(key, None)
        return self._turn(quoted, key, language) if quoted else ""

    def restore(self, receipts: list[Any], language: str) -> list[str]:
        """The turns a browser kept, each checked anew; one that no longer checks out is refused in its place."""
        return [self._restored(receipt, f"kept-{number}", language) for number, receipt in enumerate(receipts, 1)]

    def translate(self, receipt: dict[str, Any], key: str, language: str) -> str:
        """A turn again, with a language model's translation beside each quote that had none; it says where none passed the gate."""
        answer = self._checked(receipt)
        translated = self._assistant.translate(answer)
        note = "no_translation" if translated.citations == answer.citations else ""
        return self._turn(translated, key, language, note=note)

    def source(self, receipt: dict[str, Any], number: int, language: str) -> str:
        """The article that a citation quotes, as it was then, with every citation of that answer in it marked."""
        answer = self._checked(receipt)
        cited = next((c for c in answer.citations if c.number == number), None)
        if cited is None:
            raise ReceiptError(f"the answer has no citation {number}")
        same = [c for c in answer.citations if (c.document, c.sha256) == (cited.document, cited.sha256)]
        marks = [Mark(c.number, Span(c.start, c.end), c.answer_span) for c in same]
        return self._article(cited, marks, answer.question, language)

    def near(self, receipt: dict[str, Any], index: int, language: str) -> str:
        """The article that holds a declined answer's close passage, as it was then; marked, but not as evidence."""
        answer = self._checked(receipt)
        if not 0 <= index < len(answer.nearest):
            raise ReceiptError(f"the answer has no close passage {index}")
        near = answer.nearest[index]
        return self._article(near, [Mark(0, Span(near.start, near.end))], answer.question, language)

    def find(self, query: str, language: str) -> str:
        """The list of those articles that a query names."""
        return articles.library(self._assistant.documents(), query, language=language)

    def article(self, identifier: str, language: str) -> str:
        """An article as it is now."""
        return articles.article(self._assistant.document(identifier), (), active=None, about="", notes=(), language=language)

    def add(self, uploads: list[str], addresses: list[str], language: str) -> dict[str, Any]:
        """Begin to take in what was uploaded, and what web addresses give."""
        self.intake.begin(self._assistant, uploads, addresses)
        return self.progress(language)

    def progress(self, language: str) -> dict[str, Any]:
        """How far what was added is: whether it is `running`, and what to show."""
        job = self.intake.job
        return {"running": job.running, "html": render("intake.html", language, job=job)}

    def stop(self) -> None:
        """End the adding; what is stored by then stays."""
        self.intake.stop()

    def remove(self, identifier: str, language: str) -> str:
        """Take an article out of the library, and give the list of the rest."""
        self._assistant.remove(identifier)
        return self.find("", language)

    def reindex(self, identifier: str, language: str) -> str:
        """Index an article anew, and show it."""
        self._assistant.library.reindex(identifier)
        return self.article(identifier, language)

    def correct(self, identifier: str, about: dict[str, str], language: str) -> str:
        """Change what is known about an article, never its text, and show it.

        Raises:
            DocumentError: something is not what its field asks for.
        """
        before = self._assistant.document(identifier)
        given = {name: label(about.get(name, "")) for name in EDITABLE}
        for name, good in {
            "title": bool(given["title"]),
            "date": day(given["date"]) == given["date"],
            "language": bool(re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", given["language"])),
            "url": address(given["url"]) == given["url"],
        }.items():
            if not good:
                raise DocumentError(words(language)[f"wrong_{name}"])
        self._assistant.library.add([replace(before, **dict[str, Any](given))])
        return self.article(identifier, language)

    def rate(self, receipt: dict[str, Any], helpful: bool, comment: str) -> None:
        """Keep a verdict on an answer, with its receipt."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        keep(self._assistant.library, Feedback(now, helpful, comment.strip()[:LONGEST_COMMENT], self._checked(receipt)))

    def export(self, receipts: list[Any], form: str) -> str:
        """The conversation as `markdown`, `html` or `json`, without the turns that do not check out; the first two say how many."""
        answers = [answer for receipt in receipts if (answer := self._sound(receipt))]
        write = {"markdown": exports.conversation_markdown, "html": exports.conversation_html}.get(form)
        return write(answers, left_out=len(receipts) - len(answers)) if write else exports.conversation_json(answers)

    def report(self) -> str:
        """The last evaluation's report as HTML, to be shown in a sandbox; empty where there is none."""
        try:
            return (self._config.home / "eval" / "report.html").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def close(self) -> None:
        """Let go of uploads and of the store, if it was opened."""
        self.intake.close()
        if self._opening.done() and not self._opening.exception():
            self._assistant.close()

    @property
    def _assistant(self) -> Assistant:
        """The assistant, as soon as it is open; raises what kept it from opening."""
        return self._opening.result()

    def _open(self, open_assistant: Callable[[Config], Assistant]) -> None:
        try:
            self._opening.set_result(open_assistant(self._config))
        except BaseException as error:  # noqa: BLE001  (handed on to whoever asks)
            self._opening.set_exception(error)

    def _turn(self, answer: Answer, key: str, language: str, *, note: str = "") -> str:
        find, translates = self._assistant.library.revision, self._assistant.translates
        return turns.answered(answer, find, key=key, language=language, translates=translates, note=note)

    def _article(self, quoted: Citation | Nearest, marks: list[Mark], about: str, language: str) -> str:
        """The revision that was quoted; the first mark of its number is the one that was followed."""
        document = self._assistant.library.revision(quoted.document, quoted.sha256)
        if document is None:  # removed since it was checked
            raise ReceiptError(f"no document {quoted.document!r} with that text")
        active = quoted.number if isinstance(quoted, Citation) else 0
        since = change(quoted, self._assistant.library)
        return articles.article(document, marks, active=active, about=about, notes=[since] if since else [], language=language)

    def _restored(self, receipt: Any, key: str, language: str) -> str:
        try:
            return self._turn(Answer.from_json(json.dumps(receipt)), key, language)
        except ValidationError:
            question = receipt.get("question") if isinstance(receipt, Mapping) else ""
            return turns.refused(str(question), [words(language)["unreadable"]], key=key, language=language, receipt=receipt)

    def _checked(self, receipt: Any) -> Answer:
        try:
            answer = Answer.from_json(json.dumps(receipt))
        except ValidationError as error:
            raise ReceiptError("this is not an answer as it was saved") from error
        if found := breaches(answer, self._assistant.library.revision):
            raise ReceiptError("; ".join(found))
        return answer

    def _sound(self, receipt: Any) -> Answer | None:
        try:
            return self._checked(receipt)
        except ReceiptError:
            return None


def _examples(file: Path) -> list[Example]:
    """The questions to start from; none where the corpus brings none.

    Raises:
        DocumentError: the file is not a list of them.
    """
    try:
        return TypeAdapter(list[Example]).validate_python(json.loads(file.read_text("utf-8"))) if file.exists() else []
    except (ValueError, OSError) as error:
        raise DocumentError(f"{file} is not a list of questions, each with its language: {error}") from error
