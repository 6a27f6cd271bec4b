"""What runs in the cage: `python -m rag.formats.parser LIMITS`. A file in (a line of JSON, then its bytes), a line of JSON out."""

import json
import os
import resource
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.config import Limits
from rag.formats.article import Article, Refusal, Unreadable
from rag.formats.kinds import PARSERS


def parse(kind: str, raw: bytes, limits: Limits) -> list[Article | Refusal]:
    """What the parser of a kind makes of a file, as far as the limits allow.

    Raises:
        Unreadable: nothing of it can be read.
    """
    found: list[Article | Refusal] = []
    for one in PARSERS[kind](raw):
        if len(found) == limits.max_articles:
            return [*found, Refusal("the rest", f"was not read: {limits.max_articles:,} articles is the limit (RAG_MAX_ARTICLES)")]
        found.append(_checked(one, limits) if isinstance(one, Article) else one)
    if not found:
        raise Unreadable("holds no article")
    if len(found) == 1 and isinstance(found[0], Refusal):
        raise Unreadable(found[0].reason)
    return found


def _checked(article: Article, limits: Limits) -> Article | Refusal:
    name = article.title or article.key
    if not any(map(str.isalnum, article.text)):
        return Refusal(name, "is empty")
    if len(article.text) > limits.max_characters:
        return Refusal(
            name, f"has {len(article.text):,} characters; the limit is {limits.max_characters:,} (RAG_MAX_CHARACTERS). Split it."
        )
    return article


def _answer(kind: str, raw: bytes, limits: Limits) -> dict[str, Any]:
    try:
        return {"found": [asdict(one) for one in parse(kind, raw, limits)]}
    except Unreadable as error:
        return {"reason": str(error)}
    except MemoryError:
        return {"reason": f"needs more than {limits.max_memory_mb} MB of memory to read, the limit (RAG_MAX_MEMORY_MB)"}


def main() -> None:
    """Serve until standard input ends."""
    limits = Limits(**json.loads(sys.argv[1]))
    with os.fdopen(os.dup(1), "wb") as out, os.fdopen(os.dup(0), "rb") as files:
        os.dup2(2, 1)  # whatever a parser prints is no answer
        used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        most = used + limits.max_memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        sys.setrecursionlimit(600)  # a parser that goes deeper than this follows a file made to lead it there
        while line := files.readline():
            wanted = json.loads(line)
            raw = files.read(wanted["bytes"])
            signal.alarm(limits.max_seconds)  # unhandled, it ends the process, also in the middle of foreign code
            answer = _answer(wanted["kind"], raw, limits)
            signal.alarm(0)
            out.write(json.dumps(answer).encode() + b"\n")
            out.flush()


if __name__ == "__main__":
    main()
