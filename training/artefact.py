"""A trained network -> `rag/reader.safetensors`: matrices in 8 bit, a scale for each row, and what a loader must know."""

import hashlib
from dataclasses import asdict
from json import dumps
from pathlib import Path

import torch
from safetensors.torch import save_file

from rag.cross_encoder import FORMAT
from rag.declining import Calibration
from rag.network import Embeddings, Network


def write(net: Network, embeddings: Embeddings, calibration: Calibration, path: Path) -> str:
    """Write the artefact; gives its revision, which depends on the weights alone."""
    tensors: dict[str, torch.Tensor] = {}
    for name, value in net.state_dict().items():
        if value.ndim == 2 and name.startswith("layers."):
            scale = value.abs().amax(1, keepdim=True) / 127
            tensors[name] = (value / scale).round().to(torch.int8)
            tensors[f"{name}.scale"] = scale
        else:
            tensors[name] = value.float()
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(tensors[name].contiguous().numpy().tobytes())
    revision = digest.hexdigest()[:12]
    about = {
        "format": FORMAT,
        "base_sha256": embeddings.sha256,
        "layers": str(len(net.layers)),
        "revision": revision,
        "calibration": dumps(asdict(calibration)),
    }
    save_file({name: value.contiguous() for name, value in tensors.items()}, path, about)
    return revision
