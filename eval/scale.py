"""Many passages: `python -m eval.scale --passages 100000` indexes them, and says what that took and what the graph finds.

The text is real: NTREX news in 14 languages, then the contexts of XQuAD, TyDi, IDK-MRC and SQuAD-id. What is still missing is
made of their sentences, drawn at random within a language, twelve to a document. It can be stopped and run again: what is
indexed stays. `--vectors drawn` measures the index alone, on vectors that are drawn around 1,000 centres and mean nothing.
"""

import argparse
import json
import random
import resource
from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np

from eval.intervals import mean_interval
from eval.table import OUT
from rag.config import PROJECT, Config
from rag.embedding import Embedder, EmbedderIdentity, Matrix, SentenceTransformerEmbedder
from rag.language import detect_language
from rag.library import Library
from rag.passages import passages, sentences
from rag.records import Document

DATA = PROJECT.parent / "shared" / "data"
LANGUAGES = dict(
    zip(
        "arb deu eng fra ind jpn kor msa nld rus spa tur vie zho-CN".split(),  # noqa: SIM905  (a table is read by columns)
        "ar de en fr id ja ko ms nl ru es tr vi zh".split(),  # noqa: SIM905
        strict=True,
    )
)
LENGTH = 12
"""Sentences of a document that is made of others'."""
CHUNK = 2000
"""Documents that are added at a time, as from a folder of an archive."""


class DrawnEmbedder:
    """Vectors that depend on the text's hash alone, around 1,000 centres, as texts gather around subjects."""

    identity = EmbedderIdentity("drawn", "1", 384, "", "")
    _centres = np.random.default_rng(0).normal(size=(1000, 384))

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors, shape (len(texts), 384)."""
        vectors = np.zeros((len(texts), 384), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            chance = np.random.default_rng(int.from_bytes(sha256(text.encode()).digest()[:8]))
            vector[:] = self._centres[chance.integers(1000)] + chance.normal(size=384)
            vector /= np.linalg.norm(vector)
        return vectors

    queries = passages


def documents(data: Path) -> Iterator[Document]:
    """Real documents first, then made ones without end; the same on every run."""
    pool: dict[str, list[str]] = defaultdict(list)
    for document in _real(data):
        pool[document.language] += [document.text[s.start : s.end] for s in sentences(document.text, document.language)]
        yield document
    chance, number = random.Random(0), 0
    languages = sorted(pool)
    while True:
        number += 1
        language = chance.choices(languages, [len(pool[name]) for name in languages])[0]
        text = " ".join(chance.choices(pool[language], k=LENGTH))
        yield Document(f"made-{number}", text, f"Made {number}", language)


def _real(data: Path) -> Iterator[Document]:
    names = (data / "ntrex" / "DOCUMENT_IDS.tsv").read_text("utf-8").split()
    for file in sorted((data / "ntrex").glob("newstest*.txt")):
        code = file.stem.rpartition(".")[2]
        texts: dict[str, list[str]] = defaultdict(list)
        for name, line in zip(names, file.read_text("utf-8").splitlines(), strict=True):
            texts[name].append(line)
        yield from (Document(f"ntrex-{code}-{n}", "\n".join(t), t[0], LANGUAGES[code]) for n, t in texts.items())
    seen = set[str]()
    for folder in ("xquad_r_first24", "tydiqa", "idk_mrc", "squad_id_mt"):
        for file in sorted((data / folder).glob("*.json")):
            for context in _contexts(json.loads(file.read_text("utf-8"))):
                key = sha256(context.encode()).hexdigest()[:16]
                if context.strip() and key not in seen:
                    seen.add(key)
                    yield Document(f"{folder}-{key}", context, context[:60], detect_language(context))


def _contexts(value: object) -> Iterator[str]:
    """Every `context` in a file of whatever layout."""
    if isinstance(value, dict):
        yield from [value["context"]] if isinstance(value.get("context"), str) else []
        for inner in value.values():
            yield from _contexts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _contexts(inner)


def main() -> None:
    """Index, measure, print; the figures are kept beside the store as `scale.json`."""
    parser = argparse.ArgumentParser(prog="python -m eval.scale", description=__doc__)
    parser.add_argument("--passages", type=int, default=2000)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--vectors", choices=["packaged", "drawn"], default="packaged")
    parser.add_argument("--questions", type=int, default=200, help="for recall@10 against exact search")
    options = parser.parse_args()
    config = Config.load()
    home = config.home / "eval" / f"scale-{options.vectors}"
    embedder: Embedder = SentenceTransformerEmbedder("packaged", home=config.home)
    if options.vectors == "drawn":
        embedder = DrawnEmbedder()
    library = Library(home, str(home / "chroma"), embedder)
    figures = _indexed(library, documents(options.data), options.passages)
    figures |= {"vectors": options.vectors, "disk_mb": sum(f.stat().st_size for f in home.rglob("*") if f.is_file()) / 1e6}
    figures |= _recall(library, embedder, options.questions)
    library.close()
    (home / "scale.json").write_text(json.dumps(figures, indent=1))
    OUT.print_json(json.dumps(figures))


def _indexed(library: Library, source: Iterator[Document], wanted: int) -> dict[str, object]:
    started, count, new, memory = perf_counter(), 0, 0, list[tuple[int, int]]()
    while count < wanted:
        chunk: list[Document] = []
        for document in islice(source, CHUNK):
            if count < wanted:
                chunk.append(document)
                count += len(passages(document))
        new += sum(len(passages(library.document(identifier))) for identifier in library.add(chunk))
        memory.append((count, resident()))
        OUT.print(f"{count:,} of {wanted:,} passages, {perf_counter() - started:.0f} s, {memory[-1][1]} MB")
    return {
        "passages": count,
        "indexed_in_this_run": new,
        "seconds": round(perf_counter() - started, 1),
        "peak_mb_while_indexing": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "mb_at": memory[:: max(1, len(memory) // 10)],
    }


def _recall(library: Library, embedder: Embedder, count: int) -> dict[str, object]:
    """Of the ten passages that are closest by exact search, the share that the graph finds."""
    held = library.searched()
    made = library.manifest["identity"]
    rows = [(d, vectors) for d in held if (vectors := library.ledger.vectors(d, made)) is not None]
    exact = np.concatenate([vectors for _, vectors in rows])
    names = [(d.id, p.start, p.end) for d, _ in rows for p in passages(d)]
    asked = [d.text[s.start : s.end] for d in held for s in sentences(d.text, d.language)[:1]]
    questions = embedder.queries(random.Random(1).sample(asked, min(count, len(asked))))
    shares, milliseconds = list[float](), list[float]()
    for question in questions:
        nearest = {names[row] for row in np.argsort(-(exact @ question))[:10]}
        started = perf_counter()
        got = {(p.document, p.start, p.end) for p in library.nearest(question, 10)}
        milliseconds.append((perf_counter() - started) * 1000)
        shares.append(len(nearest & got) / 10)
    return {
        "recall_at_10": float(np.mean(shares)),
        "recall_interval": mean_interval(shares, range(len(shares))),
        "questions": len(questions),
        "search_ms_median": round(float(np.median(milliseconds[1:])), 2),
        "first_search_ms": round(milliseconds[0], 1),
    }


def resident() -> int:
    """This process's memory at the moment, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 2**20


if __name__ == "__main__":
    main()
