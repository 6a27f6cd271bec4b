"""History + follow-up -> what to search for."""

from collections.abc import Sequence

from rag.records import Turn


def in_context(question: str, history: Sequence[Turn]) -> str:
    """The question behind the one it follows, so that "And to Belarus?" says to what; alone when it is the first."""
    return f"{history[-1].question} {question}" if history else question
