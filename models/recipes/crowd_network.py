"""The network of crowdnet: MobileNetV2 down to an 8th of the picture as it is; further stages and a small head, trained, that give people per cell."""

import io
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import fusion

from models.recipes import crowd_pictures, mobilenet

SPLIT = 7
"""The stages before it go down to stride 8 (32 channels) and stay as they are."""
STAGES = 11
"""Those from SPLIT to here, at stride 16 (64 channels), are trained further. Deeper ones cost a quarter more for what heads do not need."""
FINE, COARSE = 32, 64


class Eyes(nn.Module):
    """The fixed part: BGR 0..255 as float32 (n, 3, h, w), sides multiples of 16 -> what the stage before `stages` gives."""

    def __init__(self, weights: Path, stages: int = SPLIT) -> None:
        super().__init__()
        self.stages = mobilenet.load_backbone(weights)[:stages]
        self.register_buffer("mean", 255 * torch.tensor(mobilenet.MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", 255 * torch.tensor(mobilenet.STD).view(1, 3, 1, 1))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        rgb = torch.stack((pixels[:, 2], pixels[:, 1], pixels[:, 0]), 1)
        return self.stages((rgb - self.mean) / self.std)


class Head(nn.Module):
    """The trained part: float32 (n, FINE, h / 8, w / 8) -> people per cell, float32 (n, 1, h / 16, w / 16)."""

    def __init__(self, weights: Path, mean: np.ndarray, std: np.ndarray) -> None:
        """Take over the further stages; mean and std (FINE) are those of what comes in."""
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))
        self.register_buffer("gain", torch.tensor(1.0))
        self.further = mobilenet.load_backbone(weights)[SPLIT:STAGES]
        for block in self.further:
            block.conv = _without_norms(block.conv)
        self.reduce = nn.Conv2d(COARSE + 4 * FINE, 80, 1)
        self.drop = nn.Dropout2d(0.1)
        self.count = nn.Sequential(
            nn.Conv2d(80, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=2, dilation=2), nn.ReLU(), nn.Conv2d(64, 1, 1)
        )  # fmt: skip
        nn.init.constant_(self.count[-1].bias, -1.5)

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        fine = functional.pixel_unshuffle((seen - self.mean) / self.std, 2)
        narrow = self.drop(self.reduce(torch.cat((self.further(seen), fine), 1)).relu())
        return self.gain * functional.softplus(self.count(narrow))


def _without_norms(layers: nn.Sequential) -> nn.Sequential:
    """Return the layers with each norm, its statistics fixed, taken into the convolution before it: the same answer, quicker to train."""
    made: list[nn.Module] = []
    for layer in layers.eval():
        if isinstance(layer, nn.BatchNorm2d):
            made[-1] = fusion.fuse_conv_bn_eval(made[-1], layer)
        else:
            made.append(layer)
    return nn.Sequential(*made).requires_grad_(True)


class Looker:
    """The fixed part, run by ONNX Runtime (several times as fast as torch here)."""

    def __init__(self, weights: Path, threads: int, stages: int = SPLIT) -> None:
        import onnxruntime

        kept = io.BytesIO()
        torch.onnx.export(
            Eyes(weights, stages).eval(), (torch.zeros(1, 3, 64, 64),), kept, input_names=["pixels"], output_names=["seen"],
            opset_version=17, dynamo=False, dynamic_axes={"pixels": {2: "h", 3: "w"}, "seen": {2: "h", 3: "w"}},
        )  # fmt: skip
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(kept.getvalue(), options, providers=["CPUExecutionProvider"])

    def look(self, bgr: np.ndarray) -> np.ndarray:
        """Return float16 (channels, rows, columns)."""
        return self._session.run(None, {"pixels": crowd_pictures.blob(bgr)})[0][0].astype(np.float16)


def export(net: nn.Module, path: Path) -> None:
    """Write the network as ONNX with free height and width (multiples of 16), weights as float16."""
    example = torch.zeros(1, 3, crowd_pictures.LONG_PX * 9 // 16, crowd_pictures.LONG_PX)
    torch.onnx.export(
        net, (example,), str(path), input_names=["pixels"], output_names=["people"], opset_version=17, dynamo=False,
        dynamic_axes={"pixels": {2: "height", 3: "width"}, "people": {2: "rows", 3: "columns"}},
    )  # fmt: skip
    mobilenet.store_as_half(path)
