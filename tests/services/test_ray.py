import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag import Assistant, Config
from rag.cluster import Cluster
from rag.records import Step

ray = pytest.importorskip("ray")


@pytest.fixture
def nodes() -> Iterator[Any]:
    """Two nodes of a cluster on this machine, a core each."""
    from ray.cluster_utils import Cluster as Nodes

    made = Nodes(initialize_head=True, head_node_args={"num_cpus": 1})
    made.add_node(num_cpus=1)
    yield made
    made.shutdown()


def slowly_squared(number: int) -> int:
    time.sleep(0.1)
    return number * number


def test_a_node_killed_in_the_middle_loses_nothing_and_repeats_nothing_visible(nodes: Any, tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    for number in range(40):
        (articles / f"kabar{number}.txt").write_text(f"Judul {number}\n\nKabar{number} tentang beras. Harga naik.")
    cluster = Cluster(nodes.address)
    try:
        results = []
        for result in cluster(slowly_squared, range(60)):
            results.append(result)
            if len(results) == 10:
                nodes.remove_node(next(iter(nodes.worker_nodes)), allow_graceful=False)
        assert sorted(results) == [number * number for number in range(60)]
        with Assistant.open(Config(home=tmp_path / "home", embedder="hashing"), warm=False) as assistant:
            nodes.add_node(num_cpus=1)
            told = []

            def kill_once(step: Step) -> None:
                told.append(step)
                if step.stage == "storing" and step.done == 5 and nodes.worker_nodes:
                    nodes.remove_node(next(iter(nodes.worker_nodes)), allow_graceful=False)

            added = assistant.add(articles, progress=kill_once, mapper=cluster)
            assert sorted(d.id for d in added) == sorted(d.id for d in assistant.documents())
            assert len(added) == 40
            assert assistant.library.damage() == []
    finally:
        cluster.close()
