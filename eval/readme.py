"""The tables of eval/README.md, measured and written by one command; published numbers stand beside the set they are of."""

import re
import shlex
from pathlib import Path

from eval.cases import CaseError
from eval.compare import UNTRAINED, kept
from eval.figures import ALL
from eval.report import SetReport
from eval.table import interval, number, worst

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"

_POOL = (
    ("ntrex:{data}/ntrex#training/questions/dev.jsonl", 300),
    ("idk-mrc:{data}/idk_mrc/valid.json", 160),
    ("facqa:{data}/facqa/valid_preprocess.csv", None),
    ("squad:{data}/squad_id_mt/without_xquad_passages.json", 0),
)
"""Indonesian sets whose documents make one pool, and how many questions are asked about each."""
_COMMANDS = (
    ("--set gold", None),
    ("--set facqa:{data}/facqa/valid_preprocess.csv", 80),
    ("--set idk-mrc:{data}/idk_mrc/valid.json --sample 80 --pool 200", None),
    ("--set idk-mrc:{data}/idk_mrc/valid.json --sample 80 --pool 200 --given", None),
    ("--set indonli:{data}/indonli/test_lay.jsonl", 300),
    ("--set indonli:{data}/indonli/diagnostic.jsonl", 300),
    ("--set tydi:{data}/tydiqa --sample 80 --pool 200", None),
    ("--set squad:{data}/squad_id_mt/without_xquad_passages.json --sample 80 --pool 120 --only retrieval", None),
    ("--set ntrex:{data}/ntrex", 260),
    ("--set xquad-r:{data}/xquad_r_first24#4 --sample 10 --pool 280 --only retrieval", None),
    ("--set xquad-r:{data}/xquad_r_first24#4 --sample 10 --pool 280", 98),
    *(
        (f"--set {spec}" + "".join(f" --among {other}" for other, _ in _POOL if other != spec), asked)
        for spec, asked in _POOL
        if asked != 0
    ),
)
"""Each run and how many of its cases are drawn; None is all. Runs over the same documents share their index."""
_SEEN = {
    "squad": "the reader was trained on this set, so only retrieval counts here",
    "indonli": "as its makers have it, nearly every premise of test_lay (not its hypotheses) is in train too, from which the "
    "reader learnt; none of diagnostic's is",
    "xquad-r": "the reader was trained on the first 16 articles; the questions here are about the last four",
    "ntrex:dev": "our own development questions, by which the reader was chosen and calibrated",
}
_PUBLISHED = {
    "idk-mrc": "whole valid set, each question with its own passage: always declining 50.0 EM; IndoBERT base 69.8 EM / 75.9 F1; "
    "XLM-R large 74.1 / 81.0",
    "xquad-r": "XQuAD zero-shot, each question with its own passage: XLM-R large 77.2 F1",
    "facqa": "lexical floor (BM25), news id to id: recall@10 0.93",
    "ntrex:ntrex": "lexical floor (BM25), English sentence to Indonesian document: recall@10 0.67",
}
_SHOWN = (
    "right", "right first", "risk", "hallucination rate", "error rate", "declining precision", "citation precision, sentence",
    "citation recall, sentence", "SQuAD EM", "SQuAD F1", "containment", "answer language", "untouched by history",
    "evidence removed: declined", "evidence edited: answer follows", "decoy: not cited", "decoy: answered as before", "AURC",
    "passage recall@1", "passage recall@10", "MRR", "nDCG@10", "document recall@10", "support", "latency p50", "latency p95",
)  # fmt: skip


def commands(data: Path, most: int | None = None, *, untrained: bool = False) -> list[list[str]]:
    """The arguments of each run, over the sets in a folder laid out as `../shared/data`; at most so many cases of each.

    The untrained reader judges no support, and retrieval is the same with either.
    """
    found = []
    for line, planned in _COMMANDS:
        if untrained and ("indonli:" in line or "--only retrieval" in line):
            continue
        limits = [limit for limit in (planned, most) if limit is not None]
        found.append(shlex.split(line.format(data=data)) + (["--cases", str(min(limits))] if limits else []))
    return found


def renew(report: SetReport) -> None:
    """Write one set's section between the two marks of the README, in the place of its last one.

    Raises:
        CaseError: the marks are not there.
    """
    parts = re.fullmatch(f"(.*{BEGIN}\n)(.*)({END}.*)", README.read_text("utf-8"), flags=re.DOTALL)
    if not parts:
        raise CaseError(f"{README} lacks {BEGIN} or {END}, between which its tables go")
    sections = {part.split("\n", 1)[0]: part for part in re.split("^(?=### )", parts[2], flags=re.MULTILINE) if part.strip()}
    sections[f"### {report.name}"] = tables(report)
    README.write_text(f"{parts[1]}{''.join(sections.values())}{parts[3]}", "utf-8")


def tables(report: SetReport) -> str:
    """One set's section, in Markdown; beside each figure the untrained reader's, where the same cases were asked of it."""
    record = report.record
    overall = {f.measure: f for f in report.figures if f.group == ALL}
    before = _untrained(report)
    rows = [
        f"| {f.measure} | {before.get(name, '')} | {number(f.value, f.unit)} | {interval(f)} | {f.n:,} |"
        for name in _SHOWN
        if (f := overall.get(name))
    ]
    published, seen = (
        next((words for name, words in known.items() if report.name.startswith(name)), "") for known in (_PUBLISHED, _SEEN)
    )
    lines = [
        f"### {report.name}",
        "",
        f"{report.about}{'; ' * bool(seen)}{seen}.",
        f"`{report.command}`",
        "",
        "| measure | untrained | value | 95 % interval | n |",
        "| --- | ---: | ---: | --- | ---: |",
        *rows,
        "",
        *([f"Against English, the worst language ({report.headline}): {worst(report)}.", ""] if report.parity else []),
        *_matrix(report),
        *([f"Published of this set, under other conditions: {published}.", ""] if published else []),
        f"{record.finished[:10]}, revision {record.revision}, {record.models.get('reader', 'no')} reader.",
        "",
        "",
    ]
    return "\n".join(lines)


def _untrained(report: SetReport) -> dict[str, str]:
    same = (b for b in kept(UNTRAINED) if (b.name, b.corpus) == (report.name, report.record.corpus))
    return {f.measure: number(f.value) for b in same for f in b.figures}


def _matrix(report: SetReport) -> list[str]:
    targets = sorted({target for _, target, _, _ in report.matrix})
    cells = {(asked, target): value for asked, target, value, _ in report.matrix}
    if not targets:
        return []
    head = ["| question \\ article | " + " | ".join(targets) + " |", "| --- |" + " ---: |" * len(targets)]
    body = [
        f"| {asked} | " + " | ".join(number(cells.get((asked, target))) for target in targets) + " |"
        for asked in sorted({asked for asked, _ in cells})
    ]
    counts = sorted({n for *_, n in report.matrix})
    return [f"{report.headline}, n {' to '.join(map(str, dict.fromkeys((counts[0], counts[-1]))))} a pair:", "", *head, *body, ""]
