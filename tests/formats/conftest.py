"""One cage for all that behaves, and a way to read bytes as if they were a file."""

from collections.abc import Callable, Iterator

import pytest

from rag.config import Limits
from rag.formats.article import Article, Refusal
from rag.formats.cage import Cage
from rag.formats.reading import Found, read_bytes

Read = Callable[..., list[Found | Refusal]]


@pytest.fixture(scope="session")
def cage() -> Iterator[Cage]:
    with Cage(Limits(max_seconds=120)) as opened:  # a machine may be busy with other things
        yield opened


@pytest.fixture
def read(cage: Cage) -> Read:
    def read_one(name: str, raw: bytes, **limits: int) -> list[Found | Refusal]:
        if not limits:
            return list(read_bytes(name, raw, cage))
        with Cage(Limits(**limits)) as other:
            return list(read_bytes(name, raw, other))

    return read_one


@pytest.fixture
def article(read: Read) -> Callable[[str, bytes], Article]:
    """The only article of a file."""

    def only(name: str, raw: bytes) -> Article:
        (found,) = read(name, raw)
        assert isinstance(found, Found), found
        return found.article

    return only


@pytest.fixture
def refusal(read: Read) -> Callable[..., str]:
    """Why a file is not read."""

    def only(name: str, raw: bytes, **limits: int) -> str:
        (found,) = read(name, raw, **limits)
        assert isinstance(found, Refusal), found
        return str(found)

    return only
