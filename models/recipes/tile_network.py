"""What firenet and weapnet share: MobileNetV2 up to its last block, and a head that scores each of 7x7 cells of a tile.

A tile's score is a soft maximum over its cells: what is small in a large tile counts, and cells tell where it is.
"""

import math
from pathlib import Path

import torch
from torch import nn

from models.recipes import mobilenet

SIDE_PX = 224
CELLS = 7
TRUNK = 15
"""Blocks 0 to 14 stay as they came; those after it are trained."""
SHARPNESS = 2.0
"""Of the soft maximum: 0 would be the mean of the cells' logits, infinity their maximum."""


class Top(nn.Module):
    """What is trained: the last blocks and the head. In: float (n, 160, 7, 7); out: logits (n, kinds) of tiles and (n, kinds, 7, 7) of cells."""

    def __init__(self, backbone: nn.Sequential, kinds: int, bias: float) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*list(backbone)[TRUNK:])
        self.drop = nn.Dropout2d(0.2)
        self.head = nn.Conv2d(mobilenet.FEATURES, kinds, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.constant_(self.head.bias, bias)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the tiles' and the cells' logits."""
        cells: torch.Tensor = self.head(self.drop(self.blocks(x)))
        return soft_maximum(cells.flatten(2)), cells

    def train(self, mode: bool = True) -> "Top":
        """Train, but with the batch statistics that came with the weights: so few pictures, or near-copies, would bend them."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self


def soft_maximum(cells: torch.Tensor) -> torch.Tensor:
    """Return the soft maximum of logits over the last dimension, which holds a tile's cells."""
    last = cells.dim() - 1
    return (torch.logsumexp(cells * SHARPNESS, last) - math.log(CELLS * CELLS)) / SHARPNESS


class Trunk(nn.Module):
    """The frozen part, fed with tiles as the examiner cuts them: uint8 (n, 224, 224, 3) BGR."""

    def __init__(self, backbone: nn.Sequential) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*list(backbone)[:TRUNK])
        self.mean: torch.Tensor
        self.std: torch.Tensor
        self.register_buffer("mean", torch.tensor(mobilenet.MEAN[::-1]).view(1, 3, 1, 1) * 255)
        self.register_buffer("std", torch.tensor(mobilenet.STD[::-1]).view(1, 3, 1, 1) * 255)

    def forward(self, tiles: torch.Tensor) -> torch.Tensor:
        """Return float (n, 160, 7, 7)."""
        x = (tiles.permute(0, 3, 1, 2).float() - self.mean) / self.std
        x = torch.cat((x[:, 2:3], x[:, 1:2], x[:, 0:1]), 1)
        y: torch.Tensor = self.blocks(x)
        return y


class Frozen(nn.Module):
    """The frozen part for the making of tiles, with the backbone's own pooled features, by which pictures that look alike are known."""

    def __init__(self, backbone: nn.Sequential) -> None:
        super().__init__()
        self.trunk = Trunk(backbone)
        self.rest = nn.Sequential(*list(backbone)[TRUNK:])

    def forward(self, tiles: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return float (n, 160, 7, 7) and float (n, 1280)."""
        middle = self.trunk(tiles)
        return middle, self.rest(middle).mean((2, 3))


def export(network: nn.Module, path: Path, outputs: tuple[str, ...]) -> None:
    """Write a network that takes tiles as ONNX with a free number of tiles and weights stored as float16."""
    network.eval()
    example = torch.zeros(2, SIDE_PX, SIDE_PX, 3, dtype=torch.uint8)
    names = ["tiles", *outputs]
    torch.onnx.export(
        network, (example,), str(path), input_names=names[:1], output_names=names[1:], opset_version=17,
        dynamic_axes={name: {0: "n"} for name in names}, dynamo=False,
    )  # fmt: skip
    mobilenet.store_as_half(path)
