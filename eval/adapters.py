"""Public sets, read where they lie, as suites: their contexts become the documents, so that the whole system is measured."""

import csv
import json
import re
from ast import literal_eval
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, TypeAdapter, ValidationError

from eval.cases import Case, CaseError, Place, Suite, parsed
from rag.language import detect_language
from rag.passages import sentences
from rag.records import Document, Span

_LABELS = {"e": "supported", "c": "contradicted", "n": "neither"}


class _Answer(BaseModel):
    text: str
    answer_start: int


class _Question(BaseModel):
    id: str | int
    question: str
    answers: tuple[_Answer, ...] = ()
    is_impossible: bool = False


class _Paragraph(BaseModel):
    context: str
    qas: tuple[_Question, ...]
    sentence_breaks: tuple[tuple[int, int], ...] = ()


class _Article(BaseModel):
    paragraphs: tuple[_Paragraph, ...]
    title: str = ""


class _Squad(BaseModel):
    data: tuple[_Article, ...]


class _Authored(BaseModel):
    document: str
    lines: tuple[int, ...]
    answer: dict[str, str]
    kind: str
    questions: dict[str, str]


class _Statement(BaseModel):
    pair_id: int
    premise: str
    hypothesis: str
    label: Literal["e", "n", "c"]


@dataclass(frozen=True, slots=True)
class _Text:
    """A file's contexts and questions, all in one language."""

    documents: tuple[Document, ...]
    cases: tuple[Case, ...]
    left_out: int
    """Questions none of whose answers stands at its offset."""


def squad(path: Path) -> Suite:
    """SQuAD 1.1 or 2.0 JSON, or IDK-MRC's bare list of paragraphs: a file, or a folder (its dev files where it has some).

    A question with no answer counts as unanswerable; one about a text of the train split beside the file is left out.
    An answer's evidence is the sentence or sentences it stands in.
    """
    files = [path] if path.is_file() else sorted(path.glob("*dev*.json")) or sorted(path.glob("*.json"))
    texts = [_read_squad(file) for file in files]
    learnt = {d.text for file in files if (train := _train(file)) for d in _read_squad(train).documents}
    documents = tuple({d.id: d for text in texts for d in text.documents}.values())
    cases, said = _unlearnt([case for text in texts for case in text.cases], documents, learnt)
    return Suite(name=path.stem, about=_about(path, documents, cases, texts) + said, documents=documents, cases=cases)


def xquad_r(path: Path) -> Suite:
    """LAReQA's XQuAD-R: every question in every language, asked of the documents of every language, one pair at a time.

    A path that ends in `#N` is of the questions about the last N articles, over the documents of all.
    """
    folder, _, last = str(path).partition("#")
    texts = [_read_squad(file, int(last or 0)) for file in sorted(Path(folder).glob("*.json"))]
    documents = tuple(document for text in texts for document in text.documents)
    cases = tuple(
        Case(
            id=f"{question.item}/{question.language}-{found.document_language}",
            item=question.item,
            cluster=first.cluster,
            question=question.question,
            language=question.language,
            kind="answerable",
            evidence=found.evidence,
            answers=found.answers,
            documents=tuple(document.id for document in target.documents),
            document_language=found.document_language,
        )
        for target in texts
        for asked in texts
        for found, question, first in zip(target.cases, asked.cases, texts[0].cases, strict=True)
    )
    return Suite(name=path.stem, about=_about(path, documents, cases, texts), documents=documents, cases=cases)


def facqa(path: Path) -> Suite:
    """IndoNLU's FacQA: Indonesian news paragraphs as lists of tokens, the answer labelled B and I; tokens joined by spaces.

    Questions about a paragraph of the train split beside the file are left out: they are two of three.
    """
    documents: dict[str, Document] = {}
    cases = []
    learnt = {" ".join(literal_eval(row["passage"])) for row in _rows(train)} if (train := _train(path)) else set[str]()
    for n, row in enumerate(_rows(path), 1):
        question, passage, labels = (literal_eval(row[key]) for key in ("question", "passage", "seq_label"))
        document = _document(" ".join(passage), "", "id", path)
        documents.setdefault(document.text, document)
        marked = [i for i, label in enumerate(labels) if label != "O"]
        start = len(" ".join(passage[: marked[0]])) + (marked[0] > 0)
        end = start + len(" ".join(passage[marked[0] : marked[-1] + 1]))
        cases.append(
            Case(
                id=f"{path.stem}-{n}",
                item=str(n),
                cluster=document.id,
                question=" ".join(question),
                language="id",
                kind="answerable",
                evidence=_evidence(document, sentences(document.text, "id"), Span(start, end)),
                answers=(document.text[start:end],),
                document_language="id",
            )
        )
    found = tuple(documents.values())
    unlearnt, said = _unlearnt(cases, found, learnt)
    return Suite(name=path.stem, about=_about(path, found, unlearnt) + said, documents=found, cases=unlearnt)


def ntrex(path: Path) -> Suite:
    """NTREX: news documents in Indonesian, and each of their sentences in every other language as what is searched for.

    A path that ends in `#FILE` is of our own questions in that file instead (`training/questions/FORMAT.md`).
    """
    folder, _, questions = str(path).partition("#")
    names = (Path(folder) / "DOCUMENT_IDS.tsv").read_text("utf-8").split()
    files = sorted(Path(folder).glob("newstest2019-*.txt"))
    lines = {file.name.split(".")[1]: file.read_text("utf-8").splitlines() for file in files}
    spans: list[Place] = []
    documents = []
    for name in dict.fromkeys(names):
        own = [line for line, document in zip(lines["ind"], names, strict=True) if document == name]
        documents.append(Document(id=name, text="\n".join(own), title=own[0][:200], language="id"))
        at = 0
        for line in own:
            spans.append(Place(name, at, at + len(line)))
            at += len(line) + 1
    cases = tuple(_authored(Path(questions), spans) if questions else _lines(lines, spans))
    return Suite(
        name=Path(questions).stem or path.stem,
        about=_about(path, documents, cases),
        documents=tuple(documents),
        cases=cases,
        part="answers" if questions else "retrieval",
    )


def indonli(path: Path) -> Suite:
    """IndoNLI: Indonesian statements, each with a passage that supports it, contradicts it, or neither."""
    raw = path.read_text("utf-8")
    try:
        rows = json.loads(raw) if raw.startswith("[") else [json.loads(line) for line in raw.splitlines()]
        found = TypeAdapter(tuple[_Statement, ...]).validate_python(rows)
    except (ValueError, ValidationError) as error:
        raise CaseError(f"{path} is not a list of statements: {error}") from error
    cases = tuple(
        Case(id=f"{path.stem}-{s.pair_id}-{n}", item=str(n), cluster=s.premise, question=s.hypothesis, language="id",
             kind=_LABELS[s.label], premise=s.premise)
        for n, s in enumerate(found, 1)
    )  # fmt: skip
    return Suite(name=path.stem, about=f"{path.name}: {len(cases)} statements", documents=(), cases=cases, part="support")


ADAPTERS: dict[str, Callable[[Path], Suite]] = {
    "squad": squad,
    "idk-mrc": squad,
    "tydi": squad,
    "xquad-r": xquad_r,
    "facqa": facqa,
    "ntrex": ntrex,
    "indonli": indonli,
}


def read_set(kind: str, path: Path) -> Suite:
    """A public set by its kind and where it lies.

    Raises:
        CaseError: there is no such kind or path, or the file is not of that kind.
    """
    if kind not in ADAPTERS:
        raise CaseError(f"no kind of set is called {kind!r}; there are gold, {', '.join(ADAPTERS)}")
    try:
        suite = ADAPTERS[kind](path)
    except (OSError, UnicodeError, KeyError, ValueError, SyntaxError, IndexError) as error:
        raise CaseError(f"{path} cannot be read as {kind}: {error}") from error
    if not suite.cases:
        raise CaseError(f"{path} holds no case")
    return replace(suite, name=f"{kind}:{suite.name}")


def _read_squad(path: Path, last: int = 0) -> _Text:
    """One file; its language is detected, unless it is its name. Its questions are those about the last articles, 0 is all."""
    schema: TypeAdapter[_Squad | tuple[_Paragraph, ...]] = TypeAdapter(_Squad | tuple[_Paragraph, ...])
    found = parsed(schema, path)
    articles = found.data if isinstance(found, _Squad) else (_Article(paragraphs=found),)
    sample = " ".join(p.context for a in articles[:50] for p in a.paragraphs[:3])[:20_000]
    language = path.stem if len(path.stem) == 2 else detect_language(sample)
    documents: dict[str, Document] = {}
    cases: list[Case] = []
    left_out = 0
    for left, article in zip(range(len(articles), 0, -1), articles, strict=True):
        for paragraph in article.paragraphs:
            document = _document(paragraph.context, article.title, language, path)
            documents.setdefault(document.id, document)
            cuts = [Span(*edges) for edges in paragraph.sentence_breaks] or sentences(document.text, language)
            for question in paragraph.qas if not last or left <= last else ():
                case = _case(question, document, cuts)
                left_out += case is None
                cases += [case] if case else []
    return _Text(tuple(documents.values()), tuple(cases), left_out)


def _lines(lines: Mapping[str, Sequence[str]], spans: Sequence[Place]) -> Iterator[Case]:
    """Every line of NTREX in every language but Indonesian, to be found in that."""
    for code, text in lines.items():
        language = detect_language(" ".join(text)[:20_000])
        for n, (line, place) in enumerate(zip(text, spans, strict=True), 1):
            if code != "ind" and any(c.isalnum() for c in line):
                yield Case(id=f"{n}/{language}", item=str(n), cluster=place.document, question=line, language=language,
                           kind="sentence", evidence=(place,), document_language="id")  # fmt: skip


def _authored(path: Path, spans: Sequence[Place]) -> Iterator[Case]:
    """Our own questions about lines of NTREX, in each of their languages."""
    for n, row in enumerate(map(_Authored.model_validate_json, path.read_text("utf-8").splitlines()), 1):
        for language, question in row.questions.items():
            yield Case(id=f"{n}/{language}", item=str(n), cluster=row.document, question=question, language=language,
                       kind=row.kind, evidence=tuple(spans[line - 1] for line in row.lines),
                       answers=tuple(row.answer.values()), document_language="id")  # fmt: skip


def _train(path: Path) -> Path | None:
    """The train split that lies beside a file, from which the reader may have learnt."""
    train = path.with_name(re.sub("dev|valid", "train", path.name))
    return train if train != path and train.exists() else None


def _unlearnt(cases: Sequence[Case], documents: Iterable[Document], learnt: AbstractSet[str]) -> tuple[tuple[Case, ...], str]:
    """The cases about texts that are not of the train split, and how many are left out; their documents stay."""
    known = {document.id for document in documents if document.text in learnt}
    kept = tuple(case for case in cases if case.cluster not in known)
    return kept, f", {len(cases) - len(kept)} about a text of the train split left out" if len(kept) < len(cases) else ""


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _case(question: _Question, document: Document, cuts: list[Span]) -> Case | None:
    answers = () if question.is_impossible else question.answers
    found = [(a.text, Span(a.answer_start, a.answer_start + len(a.text))) for a in answers if a.text]
    standing = [span for text, span in found if document.text[span.start : span.end] == text]
    if found and not standing:
        return None
    return Case(
        id=f"{document.language}-{question.id}",
        item=str(question.id),
        cluster=document.id,
        question=question.question,
        language=document.language,
        kind="answerable" if found else "unanswerable",
        evidence=tuple(dict.fromkeys(place for s in standing for place in _evidence(document, cuts, s))),
        answers=tuple(dict.fromkeys(text for text, _ in found)),
        document_language=document.language,
    )


def _evidence(document: Document, cuts: Iterable[Span], answer: Span) -> tuple[Place, ...]:
    """The stretch of whole sentences that the answer stands in."""
    touched = [cut for cut in cuts if cut.overlaps(answer)] or [answer]
    return (Place(document.id, touched[0].start, touched[-1].end),)


def _document(text: str, title: str, language: str, path: Path) -> Document:
    """A context as a document; without a title, its first line serves, as it does for a file that a user adds."""
    plain = Document(id="", text=text, title=title or text.splitlines()[0][:200], language=language)
    return Document(id=f"{path.stem}-{plain.sha256[:12]}", text=text, title=plain.title, language=language)


def _about(path: Path, documents: Iterable[Document], cases: Iterable[Case], texts: Iterable[_Text] = ()) -> str:
    left_out = sum(text.left_out for text in texts)
    said = f"{path.name}: {len(list(cases))} cases, {len(list(documents))} documents"
    return said + (f", {left_out} questions left out whose answer does not stand at its offset" if left_out else "")
