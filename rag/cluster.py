"""Work on a Ray cluster, as `map` does it here: results as they are ready, and what a lost machine was doing is done again."""

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rag.errors import ConfigError, StoreError
from rag.indexing import Given, Made

WAITING = 4
"""Items handed out for each core: enough that none waits for the next, few enough that results fit in memory."""


class Cluster:
    """A `Mapper` whose work is done by a Ray cluster."""

    def __init__(self, address: str) -> None:
        """Connect to the cluster; the project and its `.venv` must lie at the same path on each of its machines.

        Args:
            address: `host:6379` from a machine of the cluster, `ray://host:10001` from outside, `auto`.

        Raises:
            ConfigError: Ray is not installed.
            StoreError: the cluster does not answer.
        """
        try:
            import ray
        except ModuleNotFoundError as error:
            raise ConfigError("--ray needs Ray: `.venv/bin/pip install ray`") from error
        self._ray: Any = ray
        code = str(Path(__file__).parent.parent)
        try:
            ray.init(address, runtime_env={"env_vars": {"PYTHONPATH": code}}, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise StoreError(f"the Ray cluster at {address} cannot be used: {error}") from error

    def __call__(self, function: Callable[[Given], Made], items: Iterable[Given], /) -> Iterator[Made]:
        """The results in the order in which they are ready, each once.

        A worker keeps what the function holds, a loaded model above all. Where it is lost, another does the item again.
        """
        workers = self._ray.remote(num_cpus=1, max_retries=-1)(_applied)
        shared = self._ray.put(function)
        waiting = iter(items)
        window = WAITING * max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        running = [workers.remote(shared, item) for item in islice(waiting, window)]
        while running:
            (ready,), running = self._ray.wait(running)
            yield self._ray.get(ready)
            running += [workers.remote(shared, item) for item in islice(waiting, 1)]

    def close(self) -> None:
        """Leave the cluster."""
        self._ray.shutdown()


_kept: dict[bytes, Callable[[Any], Any]] = {}


def _applied(function: Callable[[Given], Made], item: Given) -> Made:
    """The function's result; a process that had an equal one before uses that, with the model that it loaded."""
    import pickle

    key = pickle.dumps(function)
    made: Made = _kept.setdefault(key, function)(item)
    return made
