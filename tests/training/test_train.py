import torch

from rag.network import Network
from training.loss import FROZEN
from training.train import deepened


def network(layers: int, seed: int) -> Network:
    torch.manual_seed(seed)
    return Network(layers, 8, 2, 16, 1e-6)


def test_a_deeper_network_keeps_what_is_frozen_and_what_is_above_and_mixes_what_lies_between() -> None:
    reader, packaged = network(FROZEN + 2, 1), network(FROZEN + 4, 2)
    base = {name: value.clone() for name, value in packaged.state_dict().items()}
    ours, made = reader.state_dict(), deepened(reader, packaged, share=0.7, last=0.3).state_dict()

    def share(layer: int) -> float:
        name = f"layers.{layer}.up.weight"
        return float(((made[name] - base[name]) / (ours.get(name, base[name] + 1) - base[name])).mean())

    assert [round(share(layer), 3) for layer in range(FROZEN + 4)] == [*[0.0] * FROZEN, 0.7, 0.3, 0.0, 0.0]
    assert all(torch.equal(made[name], base[name]) for name in base if not name.startswith("layers."))
