"""The command line: arguments in, text out, no decisions."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from rag import exports
from rag.assistant import Assistant
from rag.citations import FindRevision
from rag.cluster import Cluster
from rag.config import Config
from rag.corpus import is_address
from rag.doctor import examine
from rag.errors import DocumentError, QuestionError, RagError, ReceiptError, StoreError
from rag.exports import one_line
from rag.feedback import gold_candidates, read_feedback
from rag.following import follow
from rag.formats.article import Refusal
from rag.receipts import read_receipts, verify
from rag.records import Answer, Document, Step


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Results go to standard output, all else to standard error.

    Returns:
        0 done (a declined answer is done), 1 it failed, 2 wrong usage.
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except RagError as error:
        print(f"kutip: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("kutip: stopped", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rag", description="Answers from news articles, with quotes that check out.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run, usage_error=sub.error)
        return sub

    ask = command("ask", _ask, "answer a question from the documents")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument(
        "--batch",
        metavar="FILE",
        help="one question a line, or a JSON object with a question a line; - is standard input",
    )
    ask.add_argument("--format", choices=("annotations", "markdown", "text"), help="print the answer in this form")
    ask.add_argument("--language", metavar="TAG", help="language to answer in (default: the question's)")
    ask.add_argument("--document", action="append", metavar="ID", help="search in this document only; may be repeated")
    ask.add_argument("--translate", action="store_true", help="have the language model translate quotes into the answer's language")
    search = command("search", _search, "show the passages closest to a question")
    search.add_argument("question", metavar="QUESTION")
    search.add_argument("-k", type=_positive, default=5, metavar="N", help="how many (default 5)")
    index = command("index", _index, "add or refresh documents; without a path, the corpus folder")
    index.add_argument("paths", nargs="*", metavar="PATH", help="a file, a folder, a zip file of these, or a web address")
    index.add_argument("--watch", action="store_true", help="go on until stopped: follow what is added, changed and removed there")
    index.add_argument("--rebuild", action="store_true", help="index every document of the library anew, e.g. for another embedder")
    index.add_argument("--ray", metavar="ADDRESS", help="have a Ray cluster read, split and embed, e.g. auto or head:6379")
    documents = command("documents", _documents, "list the documents")
    for sub in (ask, search, index, documents):
        sub.add_argument("--json", action="store_true", help="print JSON")
    command("remove", _remove, "take a document out of the library").add_argument("document", metavar="DOCUMENT_ID")
    command("verify", _verify, "check a saved answer against the documents, offline").add_argument(
        "file", metavar="FILE", type=Path
    )
    command("feedback", _feedback, "print what people said of answers, a JSON object a line, as candidates for the gold set")
    doctor = command("doctor", _doctor, "what is installed, what is stored, what is damaged, what would go out to a network")
    doctor.add_argument("--repair", action="store_true", help="first mend what is damaged")
    return parser


def _ask(options: argparse.Namespace) -> None:
    if (options.question is None) == (options.batch is None):
        options.usage_error("give either a QUESTION or --batch FILE")
    asking = {"language": options.language, "documents": options.document}
    questions = list(_batch(options.batch)) if options.batch else []
    with Assistant.open() as assistant:
        if not options.batch:
            answer = assistant.ask(options.question, **asking)
            answer = assistant.translate(answer) if options.translate else answer
            print(_written(answer, "json" if options.json else options.format, assistant.library.revision))
        for answer in assistant.ask_many(questions, **asking):
            print(_json((assistant.translate(answer) if options.translate else answer).to_dict()), flush=True)


def _search(options: argparse.Namespace) -> None:
    with Assistant.open() as assistant:
        hits = assistant.search(options.question, options.k)
    if options.json:
        print(_json([hit.to_dict() for hit in hits], indent=1))
    for hit in () if options.json else hits:
        place = f"{hit.passage.document} [{hit.passage.start}, {hit.passage.end})"
        print(f"{hit.score:.3f}  {place}\n       {one_line(hit.passage.text)}")


def _index(options: argparse.Namespace) -> None:
    refused: list[Refusal] = []
    with Assistant.open(warm=False) as assistant:
        paths = options.paths or [assistant.config.corpus]
        places = [Path(path) for path in paths if not is_address(path)]
        followed = follow(assistant, places) if options.watch and places else iter(())
        next(followed, None)  # from here on nothing that happens there is missed
        with _steps() as progress, _cluster(options.ray) as mapper:
            if options.rebuild:
                changed = assistant.library.rebuild(progress, mapper=mapper)
            else:
                found = assistant.read(paths, progress=progress, refused=refused.append, mapper=mapper)
                changed = assistant.library.add(found, progress, mapper=mapper)
        _summary(changed, refused, assistant.library.count(), options)
        for outcome in followed:
            _summary(*outcome, assistant.library.count(), options)
    if failed := [one for one in refused if not one.passed_over]:
        raise DocumentError(f"{len(failed)} could not be read, as named above; all else is in the library")


@contextmanager
def _cluster(address: str | None) -> Iterator[Cluster | None]:
    """The cluster at the address, or nothing where there is no address: then this machine does it."""
    if address is None:
        yield None
        return
    cluster = Cluster(address)
    try:
        yield cluster
    finally:
        cluster.close()


def _summary(changed: Sequence[str], refused: Sequence[Refusal], total: int, options: argparse.Namespace) -> None:
    named = [one for one in refused if not one.passed_over]
    for one in named:
        print(f"not read: {one_line(str(one))}", file=sys.stderr)
    if passed_over := len(refused) - len(named):
        print(f"passed over: {passed_over} of kinds that hold no article", file=sys.stderr)
    if options.json:
        told = [{"name": one.name, "reason": one.reason} for one in named]
        print(_json({"indexed": changed, "documents": total, "refused": told}), flush=True)
    else:
        print(f"{len(changed)} indexed, {total} in the library" + (f", {len(named)} not read" if named else ""), flush=True)


def _documents(options: argparse.Namespace) -> None:
    with Assistant.open(warm=False) as assistant:
        documents = assistant.documents()
    if options.json:
        print(_json([_about(document) for document in documents], indent=1))
    for document in () if options.json else documents:
        about = ", ".join(filter(None, (document.publisher, document.date, document.language)))
        print(f"{document.id}\n       {one_line(document.title)} ({about})")


def _remove(options: argparse.Namespace) -> None:
    with Assistant.open(warm=False) as assistant:
        assistant.remove(options.document)
    print(f"removed {options.document}")


def _verify(options: argparse.Namespace) -> None:
    answers = read_receipts(options.file)
    with Assistant.open(warm=False) as assistant:
        verdicts = [verify(answer, assistant.library) for answer in answers]
    for change in dict.fromkeys(change for verdict in verdicts for change in verdict.changes):
        print(change)
    breaches = [
        f"answer {number}: {breach}" if len(answers) > 1 else breach
        for number, verdict in enumerate(verdicts, 1)
        for breach in verdict.breaches
    ]
    if breaches:
        raise ReceiptError(f"{options.file} does not check out: {'; '.join(breaches)}")
    cites = any(answer.citations for answer in answers)
    print("every citation checks out" if cites else "declined, as it says: nothing is cited")


def _feedback(_options: argparse.Namespace) -> None:
    with Assistant.open(warm=False) as assistant:
        verdicts = read_feedback(assistant.library)
    for candidate in gold_candidates(verdicts):
        print(_json(candidate))


def _doctor(options: argparse.Namespace) -> None:
    config = Config.load()
    if options.repair:
        with Assistant.open(config, warm=False) as assistant, _steps() as progress:
            left = assistant.library.repair(progress)
        if left:
            raise StoreError(f"{len(left)} findings cannot be mended: {'; '.join(map(str, left[:3]))}")
    for name, finding in examine(config):
        print(f"{name:22} {one_line(finding)}")


def _batch(name: str) -> Iterator[str]:
    """The questions of a batch file, in order."""
    try:
        lines = (sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")).split("\n")
    except OSError as error:
        raise QuestionError(f"{name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise QuestionError(f"{name} is not UTF-8 (byte {error.start}); save it as UTF-8 and try again") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            question = json.loads(line)["question"] if line.lstrip().startswith("{") else line.strip()
        except (json.JSONDecodeError, KeyError):
            question = None
        if not isinstance(question, str):
            raise QuestionError(f'{name}, line {number}: not a JSON object with a "question"')
        yield question


def _written(answer: Answer, form: str | None, find: FindRevision) -> str:
    """The answer in one of the forms of `ask`."""
    if form == "markdown":
        return exports.markdown(answer)
    if form == "annotations":
        return _json(exports.annotations(answer, find), indent=1)
    return _json(answer.to_dict(), indent=1) if form == "json" else exports.text(answer)


def _about(document: Document) -> dict[str, Any]:
    names = ("id", "title", "language", "publisher", "source", "date", "sha256")
    return {name: getattr(document, name) for name in names} | {"characters": len(document.text)}


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


@contextmanager
def _steps() -> Iterator[Callable[[Step], None]]:
    """A progress bar on standard error, which is told each step: what is under way, and how far it is."""
    console = Console(stderr=True)
    bar = Progress(
        BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False), console=console, transient=True
    )
    tasks: dict[str, TaskID] = {}
    with bar:

        def told(step: Step) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bar.add_task("")
            text = f"{step.stage} {one_line(step.name)}"
            bar.update(tasks[step.stage], description=text, completed=step.done, total=step.total)

        yield told


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


if __name__ == "__main__":
    sys.exit(main())
