"""Kills a writer with SIGKILL at random instants, and checks after each kill that nothing was lost and nothing doubled.

    python -m tests.store.kills --kills 200 [--seed N] [--ledger postgresql://... --store http://...] [HOME]

A child opens the store, tells what it finds, and changes it until it is killed in the phase that it was chosen for. The parent
knows what the child had finished; what it was about may be done or not done, nothing between. Threshold and counts are set
low, so that graphs are written, shards begun and indexes made anew within a few dozen passages.
"""

import argparse
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TextIO

import chromadb  # noqa: F401  (before children are forked, which then need not)
import llama_index.core.indices
import llama_index.vector_stores.chroma  # noqa: F401

import rag.index
import rag.indexing
import rag.library
from rag import Assistant, Config
from rag.errors import RagError
from rag.library import Library
from rag.records import Document

PHASES = ("add", "update", "remove", "rebuild", "switch")
LIBRARY = 14
"""Documents at most; each has about 20 passages."""

State = dict[str, int]
"""Each document's version."""


def document(number: int, version: int) -> Document:
    """A document that says of itself which it is; from version to version every sentence changes."""
    text = " ".join(f"Kabar{number}v{version} kalimat{number}n{n}v{version} tentang beras." for n in range(21))
    return Document(f"doc{number}", text, f"Judul {number}", "id")


def main() -> int:
    """Kill as often as asked; 0 when every check held."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", nargs="?", type=Path)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ledger", default="")
    parser.add_argument("--store", default="")
    options = parser.parse_args()
    home = options.home or Path(mkdtemp())
    (home / "corpus").mkdir(parents=True, exist_ok=True)
    (home / "corpus" / "manifest.json").write_text("[]")
    config = Config(home=home, corpus=home / "corpus", embedder="hashing", ledger=options.ledger, store=options.store)
    rag.index.SHARD, rag.index.BUILDING, rag.library.TAIL, rag.indexing.EVERY, rag.indexing.TOGETHER = 60, 30, 150, 0.05, 50
    rag.index._CONFIGURATION["batch_size"] = 5
    return _Killer(config, random.Random(options.seed)).run(options.kills)


@dataclass
class _Killer:
    config: Config
    chance: random.Random
    state: State = field(default_factory=dict)
    allowed: list[State] = field(default_factory=lambda: [{}])
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PHASES, 0.3))

    def run(self, kills: int) -> int:
        started, done, doing = time.monotonic(), Counter[str](), Counter[str]()
        failures: list[str] = []
        while sum(done.values()) < kills and not failures:
            phase = PHASES[sum(done.values()) % len(PHASES)]
            failures += self._once(phase, done, doing)
            print(f"{sum(done.values())} kills, {time.monotonic() - started:.0f} s", file=sys.stderr)
        failures = failures or self._once("", done, doing)  # the last kill is checked too
        print(f"{sum(done.values())} kills in {time.monotonic() - started:.0f} s, meant for: {dict(done)}; met: {dict(doing)}")
        for failure in failures:
            print(f"FAILED: {failure}")
        return bool(failures)

    def _once(self, phase: str, done: Counter[str], doing: Counter[str]) -> list[str]:
        """Let a child run until it is killed in `phase`; where there is none, only let it check."""
        receiving, sending = os.pipe()
        child = os.fork()
        if not child:
            os.close(receiving)
            _child(self.config, os.fdopen(sending, "w"), self.chance.randrange(10**9), phase)
        os.close(sending)
        with os.fdopen(receiving) as told:
            failures = self._follow(child, told, phase, done, doing)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) and (phase or status):
            failures.append(f"the child ended by itself: {status}")
        return failures

    def _follow(self, child: int, told: TextIO, phase: str, done: Counter[str], doing: Counter[str]) -> list[str]:
        left, begun, current, warm = None, 0.0, "", self.chance.randrange(2)
        failures: list[str] = []
        for line in told:
            what, *rest = json.loads(line)
            if what == "found":
                failures += self._check(*rest)
                if failures or not phase:
                    break
            elif what == "begin":
                current, self.allowed, begun = rest[0], [self.state, *rest[1]], time.monotonic()
            elif what == "end":
                self.state, self.allowed = self.allowed[-1], [self.allowed[-1]]
                self.seconds[current] = 0.5 * self.seconds[current] + 0.5 * (time.monotonic() - begun)
                current = ""
            met = (what == "begin" and current == phase) or what == "switch" == phase
            warm -= met
            if left is None and warm < 0 and met:
                left = self.chance.uniform(0, 1.1 * (0.1 if phase == "switch" else self.seconds[phase]))
                _kill_later(child, left)
                done[phase] += 1
        if phase:
            doing[current or "between"] += 1
        elif not failures:
            return failures
        if failures:
            os.kill(child, signal.SIGKILL)
        return failures

    def _check(self, found: State, damage: list[str], answers: dict[str, str], error: str) -> list[str]:
        failures = [f"{error}"] if error else []
        failures += [f"damage: {d}" for d in damage]
        if found not in self.allowed:
            failures.append(f"the library is {found}, it should be one of {self.allowed}")
        failures += [f"{asked!r} is answered: {answer!r}" for asked, answer in answers.items()]
        self.state, self.allowed = found, [found]
        return failures


def _kill_later(child: int, seconds: float) -> None:
    """From a process of its own, so that what is told meanwhile is read."""
    if not os.fork():
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        os._exit(0)


def _child(config: Config, parent: TextIO, seed: int, phase: str) -> None:
    def tell(*what: Any) -> None:
        print(json.dumps(what), file=parent, flush=True)

    try:
        with Assistant.open(config) as assistant:
            tell("found", *_found(assistant))
            if not phase:
                os._exit(0)
            settle = rag.index.Index.settle
            rag.index.Index.settle = lambda index: (tell("switch"), settle(index))[1]  # type: ignore[assignment]
            state = {d.id: _version(d) for d in assistant.documents()}
            for name, change, *after in _changes(assistant.library, state, random.Random(seed), phase):
                tell("begin", name, after)
                change()
                tell("end")
    except RagError as error:
        tell("found", {}, [], {}, repr(error))
    except BaseException as error:  # noqa: BLE001  (told, and the end of this process)
        tell("found", {}, [], {}, f"not an error of ours: {error!r}")
    os._exit(1)


def _found(assistant: Assistant) -> tuple[State, list[str], dict[str, str], str]:
    """The library, what the doctor says of it, and the questions whose answer is not the one it must be."""
    state = {d.id: _version(d) for d in assistant.documents()}
    wrong = {}
    for identifier, version in state.items():
        number = int(identifier.removeprefix("doc"))
        asked = f"kabar{number}v{version} kalimat{number}n7v{version}"
        hits = assistant.search(asked, k=30, documents=[identifier])  # among all, words that hash alike may come first
        if not any(f"kalimat{number}n7v{version} " in hit.passage.text for hit in hits[:3]):
            wrong[asked] = " | ".join(hit.passage.text for hit in hits[:3])
        places = [(h.passage.document, h.passage.start) for h in hits]
        if len(set(places)) < len(places):
            wrong[asked] = "a passage twice"
    for removed in set(range(LIBRARY)) - {int(i.removeprefix("doc")) for i in state}:
        if any(h.passage.document == f"doc{removed}" for h in assistant.search(f"kabar{removed}v0", k=5)):
            wrong[f"doc{removed}"] = "found, though it was removed"
    return state, [str(damage) for damage in assistant.library.damage()], wrong, ""


def _changes(library: Library, state: State, chance: random.Random, first: str) -> Iterator[tuple[Any, ...]]:
    """Changes to make, one after the other: a name, what makes it, and the states that it leads through."""
    names = ["rebuild" if first == "switch" else first]
    while True:
        for name in [*names, *chance.sample(("add", "update", "remove", "rebuild"), 4)]:
            inside, outside = sorted(state), [f"doc{n}" for n in range(LIBRARY) if f"doc{n}" not in state]
            chosen = chance.sample(outside if name == "add" else inside, min(3, len(outside if name == "add" else inside)))
            numbers = [int(identifier.removeprefix("doc")) for identifier in chosen]
            after = [dict(state)]
            if name == "rebuild":
                yield name, library.rebuild, *after
            elif name == "remove" and len(inside) > LIBRARY // 2:
                after = [{i: v for i, v in state.items() if i != chosen[0]}]
                yield name, lambda gone=chosen[0]: library.remove(gone), *after
            elif name in {"add", "update"} and chosen:
                documents = [document(number, state.get(f"doc{number}", -1) + 1) for number in numbers]
                after = [state | {d.id: _version(d) for d in documents[: n + 1]} for n in range(len(documents))]
                yield name, lambda given=documents: library.add(given), *after
            state = after[-1]
        names = []


def _version(found: Document) -> int:
    return int(found.text.partition(" ")[0].partition("v")[2])


if __name__ == "__main__":
    sys.exit(main())
