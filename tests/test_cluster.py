"""A real cluster is driven by `make test-services`."""

import builtins
from typing import Any

import pytest

from rag.cluster import Cluster, _applied
from rag.errors import ConfigError


def test_without_ray_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_ray(name: str, *rest: Any, **options: Any) -> Any:
        if name == "ray":
            raise ModuleNotFoundError
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without_ray)
    with pytest.raises(ConfigError, match=r"pip install ray"):
        Cluster("auto")


def test_a_worker_keeps_the_first_of_equal_functions() -> None:
    assert [_applied(abs, number) for number in (-1, 2)] == [1, 2]
