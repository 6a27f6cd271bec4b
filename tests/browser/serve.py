"""The page in a process of its own, before an assistant that answers from a script: `python -m tests.browser.serve`.

What is scripted is only which words answer; library, citations, checks and page are the product's.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gradio import Blocks

from rag import Answer, Assistant, Citation, Config, Event, Sentence
from rag.citations import wording
from rag.messages import declined
from rag.page.desk import Desk
from rag.page.server import build, launch
from rag.questions import checked_question
from rag.records import Gloss, Nearest, Span


class ScriptedAssistant(Assistant):
    """Answers a question with the quotes its script gives, `[[document, quote], ...]`; declines every other."""

    script: Mapping[str, Sequence[tuple[str, str]]]

    def stream(self, question: str, *, history: Any = (), documents: Any = None, **_: Any) -> Iterator[Event]:
        question = checked_question(question)
        yield Event("stage", "searching")
        yield Event("stage", "reading")
        quotes = [(d, q) for d, q in self.script.get(question, []) if not documents or d in documents]
        citations = tuple(self._citation(n, *quote) for n, quote in enumerate(quotes, 1))
        sentences = tuple(Sentence(wording(c.translation.text if c.translation else c.quote), (c.number,)) for c in citations)
        for sentence in sentences:
            yield Event("sentence", sentence.marked)
            time.sleep(0.1)
        if question == "Word it at length.":
            text = " ".join(s.marked for s in sentences)
            yield Event("quotes", "", Answer(question, "en", False, text, sentences, citations))
            yield Event("stage", "writing")
            for _ in range(150):
                time.sleep(0.2)
                yield Event("sentence", "Words go on and on. [1]")
        if citations:
            text = " ".join(s.marked for s in sentences)
            answer = Answer(question, "en", False, text, sentences, citations)
        else:
            first = self.documents()[0]
            near = Nearest(first.id, 0, len(line := first.text.splitlines()[0]), line, 0.5, first.sha256)
            answer = Answer(question, "en", True, declined("en"), nearest=(near,))
        yield Event("answer", answer.text, answer)

    def _citation(self, number: int, identifier: str, quote: str) -> Citation:
        document = self.document(identifier)
        start = document.text.index(quote)
        span = Span(start, start + len(quote))
        glosses = [Gloss(t.language, text, t.by) for t in document.translations if (text := t.of(span))]
        gloss = glosses[0] if glosses else None
        return Citation(number, identifier, document.title, span.start, span.end, quote, 0.9, document.sha256, gloss)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="holds corpus/, script.json, and the homes once made")
    parser.add_argument("--port", type=int, required=True, help="the page, ready as soon as it can be")
    parser.add_argument("--loading", type=int, required=True, help="one that loads until `folder/loading` is gone")
    parser.add_argument("--failing", type=int, required=True, help="one whose corpus cannot be read")
    options = parser.parse_args()
    folder: Path = options.folder

    def open_assistant(config: Config) -> Assistant:
        while config.home.name == "loading" and (folder / "loading").exists():
            time.sleep(0.05)
        assistant = ScriptedAssistant.open(config)
        assistant.script = json.loads((folder / "script.json").read_text("utf-8"))
        return assistant

    def serve(port: int, home: str, corpus: str = "corpus") -> Blocks:
        config = Config(home=folder / "homes" / home, corpus=folder / corpus, embedder="hashing")
        desk = Desk(config, open_assistant)
        page = build(desk)
        launch(page, desk, host="127.0.0.1", port=port)
        return page

    serve(options.loading, "loading")
    serve(options.failing, "failing", "bad-corpus")
    serve(options.port, "ready").block_thread()


if __name__ == "__main__":
    main()
