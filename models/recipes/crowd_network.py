"""The network of crowdnet: MobileNetV2 down to a 16th of the picture as it is, and a small head that gives people per cell."""

import io
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from models.recipes import crowd_pictures, mobilenet

FEATURES = 96 + 4 * 32


class Eyes(nn.Module):
    """The fixed part: BGR 0..255 as float32 (n, 3, h, w), sides multiples of 16 -> float32 (n, FEATURES, h / 16, w / 16)."""

    SPLIT = 7  # the stages before it go down to stride 8 (32 channels), those after to stride 16 (96)
    STAGES = 14

    def __init__(self, weights: Path) -> None:
        super().__init__()
        features = mobilenet.load_backbone(weights)
        self.fine, self.coarse = features[: self.SPLIT], features[self.SPLIT : self.STAGES]
        self.register_buffer("mean", 255 * torch.tensor(mobilenet.MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", 255 * torch.tensor(mobilenet.STD).view(1, 3, 1, 1))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        rgb = torch.stack((pixels[:, 2], pixels[:, 1], pixels[:, 0]), 1)
        fine = self.fine((rgb - self.mean) / self.std)
        return torch.cat((self.coarse(fine), functional.pixel_unshuffle(fine, 2)), 1)


class Head(nn.Module):
    """The trained part: features -> people per cell, float32 (n, 1, h / 16, w / 16)."""

    def __init__(self, mean: np.ndarray, std: np.ndarray) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))
        self.register_buffer("gain", torch.tensor(1.0))
        self.reduce = nn.Conv2d(FEATURES, 80, 1)
        self.drop = nn.Dropout2d(0.1)
        self.count = nn.Sequential(
            nn.Conv2d(80, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=2, dilation=2), nn.ReLU(), nn.Conv2d(64, 1, 1)
        )  # fmt: skip
        nn.init.constant_(self.count[-1].bias, -1.5)

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        narrow = self.drop(self.reduce((seen - self.mean) / self.std).relu())
        return self.gain * functional.softplus(self.count(narrow))


class Looker:
    """The fixed part, run by ONNX Runtime (several times as fast as torch here)."""

    def __init__(self, weights: Path, threads: int) -> None:
        import onnxruntime

        kept = io.BytesIO()
        torch.onnx.export(
            Eyes(weights).eval(), (torch.zeros(1, 3, 64, 64),), kept, input_names=["pixels"], output_names=["seen"], opset_version=17,
            dynamo=False, dynamic_axes={"pixels": {2: "h", 3: "w"}, "seen": {2: "h", 3: "w"}},
        )  # fmt: skip
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(kept.getvalue(), options, providers=["CPUExecutionProvider"])

    def look(self, bgr: np.ndarray) -> np.ndarray:
        """Return float16 (FEATURES, h / 16, w / 16)."""
        return self._session.run(None, {"pixels": crowd_pictures.blob(bgr)})[0][0].astype(np.float16)


def export(net: nn.Module, path: Path) -> None:
    """Write the network as ONNX with free height and width (multiples of 16), weights as float16."""
    example = torch.zeros(1, 3, 432, crowd_pictures.LONG_PX)
    torch.onnx.export(
        net, (example,), str(path), input_names=["pixels"], output_names=["people"], opset_version=17, dynamo=False,
        dynamic_axes={"pixels": {2: "height", 3: "width"}, "people": {2: "rows", 3: "columns"}},
    )  # fmt: skip
    mobilenet.store_as_half(path)
