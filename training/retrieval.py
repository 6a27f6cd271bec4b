"""`python -m training.retrieval`: what each part of retrieval finds in a pool of Indonesian passages, as Markdown rows.

The pool is NTREX in Indonesian, the contexts of IDK-MRC valid and FacQA valid, then those of FacQA train, IDK-MRC train and
squad_id_mt until it is full. Questions are our own about NTREX's last 21 documents in 24 languages, and the two sets' own.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from eval.intervals import share_interval
from rag.embedding import SentenceTransformerEmbedder
from rag.indexing import embedded_text
from rag.keywords import Keywords
from rag.passages import passages
from rag.records import Document
from rag.retrieval import WEIGHT
from training import data
from training.train import HOME, RUN
from training.vectors import Kept


@dataclass(frozen=True)
class Question:
    """What is asked, in which group it is reported, and the words that answer: a document's text and a place in it."""

    text: str
    group: str
    source: str
    at: tuple[int, ...]


def contexts(size: int) -> list[Document]:
    """Whole documents until there are `size` passages."""
    news = [Document(name, s["id"].text, s["id"].title, "id") for name, s in data.ntrex().items()]
    squad_id = json.loads((data.DATA / "squad_id_mt/without_xquad_passages.json").read_text())
    texts = chain(
        (c["context"] for c in data.idk_mrc("valid")),
        (f.story.text for f in data.facqa("valid")),
        (f.story.text for f in data.facqa("train")),
        (c["context"] for c in data.idk_mrc("train")),
        (c["context"] for c in squad_id),
    )
    found, count = list(news), sum(len(passages(d)) for d in news)
    for number, text in enumerate(dict.fromkeys(texts)):
        if count >= size:
            break
        found.append(Document(f"context-{number}", text, "", "id"))
        count += len(passages(found[-1]))
    return found


def questions() -> Iterator[Question]:
    """All that have an answer."""
    news = data.ntrex()
    for asked in data.authored_development():
        story = news[asked.document]["id"]
        middles = tuple(sum(story.sentences[line]) // 2 for line in asked.lines)
        for language, text in asked.questions.items() if middles else ():
            group = {"id": "ours, Indonesian", "en": "ours, English"}.get(language, "ours, 22 other languages")
            yield Question(text, group, story.text, middles)
    for context in data.idk_mrc("valid"):
        for asked in context["qas"]:
            if not asked["is_impossible"]:
                yield Question(asked["question"], "IDK-MRC valid", context["context"], (asked["answers"][0]["answer_start"],))
    for fact in data.facqa("valid"):
        if fact.words:
            yield Question(fact.question, "FacQA valid", fact.story.text, (fact.words[0],))


def main() -> None:
    """Embed the pool and the questions, look for each, print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=5150, metavar="N", help="size of the pool")
    documents = contexts(parser.parse_args().passages)
    cut = [(document, passage) for document in documents for passage in passages(document)]
    places: dict[str, list[int]] = {}
    for row, (document, _) in enumerate(cut):
        places.setdefault(document.text, []).append(row)
    embedder = Kept(SentenceTransformerEmbedder("packaged", home=HOME), RUN)
    vectors = embedder.passages([embedded_text(d, p) for d, p in cut])
    keywords = Keywords([f"{d.title}\n{p.text}" for d, p in cut])
    asked = [question for question in questions() if question.source in places]
    ranks: dict[tuple[str, str], list[int]] = {}
    sources: dict[str, list[str]] = {}
    for question, vector in zip(asked, embedder.queries([question.text for question in asked]), strict=True):
        rows = [r for r in places[question.source] if any(cut[r][1].start <= at < cut[r][1].end for at in question.at)]
        sources.setdefault(question.group, []).append(question.source)
        close, shares = vectors @ vector, keywords.shares(question.text)
        for way, scores in (("vectors", close), ("words", np.where(shares > 0, shares, -1)), ("both", close + WEIGHT * shares)):
            best = scores[rows].max()
            ranks.setdefault((question.group, way), []).append(int((scores > best).sum()) if best >= 0 else len(cut))
    print(f"{len(documents):,} documents, {len(cut):,} passages\n")
    print("| questions | n | found by | recall@1 | recall@5 | recall@10 |\n| --- | --- | --- | --- | --- | --- |")
    for (group, way), found in ranks.items():
        hits = [[float(rank < k) for rank in found] for k in (1, 5, 10)]
        cells = ("{:.3f} [{:.3f}, {:.3f}]".format(np.mean(some), *share_interval(some, sources[group])) for some in hits)
        print(f"| {group} | {len(found)} | {way} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
