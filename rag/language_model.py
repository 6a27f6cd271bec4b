"""Language models behind one Protocol of ours: a prompt in, pieces of text out."""

import re
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Protocol, Self

from pydantic import TypeAdapter, ValidationError

from rag.errors import LanguageModelError


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told to do, and what it is to do it with."""

    instructions: str
    content: str


@dataclass(slots=True)
class Meter:
    """Counts what the models are given and give for one answer.

    Tokens are the server's own count. Of a reply that was cut short before it came, the pieces received count for its
    tokens, and its prompt for none.
    """

    replies: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def add(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Count one reply."""
        self.replies += 1
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens

    def to_dict(self, prices: tuple[float, float] | None) -> dict[str, float]:
        """The counts by name, with what they cost at a price for each token of prompt and of reply."""
        if not self.replies:
            return {}
        counts: dict[str, float] = {
            "replies": self.replies,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
        }
        cost = prices and self.prompt_tokens * prices[0] + self.completion_tokens * prices[1]
        return counts if cost is None else counts | {"cost": round(cost, 9)}


class LanguageModel(Protocol):
    """Writes text."""

    @property
    def name(self) -> str:
        """What it is called wherever an answer says who worded it."""

    def stream(self, prompt: Prompt, meter: Meter) -> Generator[str, None, None]:
        """The reply piece by piece; closing it stops the model.

        Raises:
            LanguageModelError: it cannot be reached, is too slow, or makes no sense.
        """


class ScriptedModel:
    """A model that says what it is told to: the test double, for our tests and for those of what is built on this."""

    def __init__(self, replies: Mapping[str, str | Sequence[str]], *, name: str = "scripted", delay: float = 0.0) -> None:
        """Take a script.

        Args:
            replies: what to reply to a prompt that has the key in it, the first such key counting; of several replies, the
                next each time, and the last again and again. Nothing where no key is in it.
            name: what it is called.
            delay: seconds before each piece.
        """
        self.name = name
        self.prompts: list[Prompt] = []
        """Every prompt so far."""
        self._replies = {key: (reply,) if isinstance(reply, str) else tuple(reply) for key, reply in replies.items()}
        self._used: Counter[str] = Counter()
        self._delay = delay

    @classmethod
    def read(cls, file: Path) -> Self:
        """The script of a file: a JSON object of replies by what a prompt has in it.

        Raises:
            LanguageModelError: it cannot be read as one.
        """
        try:
            return cls(TypeAdapter(dict[str, str | list[str]]).validate_json(file.read_bytes()))
        except (OSError, ValidationError) as error:
            raise LanguageModelError(f"{file} is not a script, a JSON object of replies by what a prompt has in it") from error

    def stream(self, prompt: Prompt, meter: Meter) -> Generator[str, None, None]:
        """The scripted reply, a word at a time; words are its tokens."""
        self.prompts.append(prompt)
        key = next((key for key in self._replies if key in prompt.content), None)
        replies = self._replies[key] if key is not None else ("",)
        pieces = re.findall(r"\s*\S+|\s+$", replies[min(self._used[str(key)], len(replies) - 1)])
        self._used[str(key)] += 1
        given = 0
        try:
            for given, piece in enumerate(pieces, 1):  # noqa: B007  (counted also where the reader stops)
                sleep(self._delay)
                yield piece
        finally:
            meter.add(len(prompt.content.split()), given)
