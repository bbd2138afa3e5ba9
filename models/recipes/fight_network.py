"""The network of fightnet: what MobileNetV2 sees change from picture to picture, and what it sees in the pictures' differences.

Of the differences it takes three things: the average over the whole part, the strongest place (a struggle fills a small share of the part), and
how much the average changes over time. They are put side by side (5,120 numbers) and judged by a logistic regression. The backbone is
frozen: two hundred clips are too few to move it.
"""

from pathlib import Path

import torch
from torch import nn

from detection.examiners import fight
from models.recipes import mobilenet

FEATURES = 4 * mobilenet.FEATURES
GAIN = 3.0
"""Differences between pictures are shown this many times brighter."""


class Features(nn.Module):
    """Pictures as the examiner cuts them (uint8 (FRAMES, SIDE_PX, SIDE_PX, 3) BGR) to float (FEATURES,)."""

    def __init__(self, backbone: nn.Sequential) -> None:
        super().__init__()
        self.backbone = backbone
        self.mean: torch.Tensor
        self.std: torch.Tensor
        self.register_buffer("mean", torch.tensor(mobilenet.MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(mobilenet.STD).view(1, 3, 1, 1))

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """Return what changes: of the pictures' features, and seen in the pictures' differences."""
        x = frames.permute(0, 3, 1, 2).float() / 255
        blue, green, red = x[:, 0:1], x[:, 1:2], x[:, 2:3]
        grey = 0.299 * red + 0.587 * green + 0.114 * blue
        difference = ((grey[1:] - grey[:-1]).abs() * GAIN).clamp(0, 1)
        shown = torch.cat((torch.cat((red, green, blue), 1), difference.expand(-1, 3, -1, -1)), 0)
        seen = self.backbone((shown - self.mean) / self.std)
        average, strongest = seen.mean((2, 3)), seen[fight.FRAMES :].amax((2, 3)).mean(0)
        pictures, differences = average[: fight.FRAMES], average[fight.FRAMES :]
        changes = (pictures[1:] - pictures[:-1]).abs().mean(0)
        middle = differences.mean(0)
        unrest = ((differences - middle) ** 2).mean(0).sqrt()
        return torch.cat((changes, middle, strongest, unrest))


def export(features: Features, path: Path) -> None:
    """Write it as ONNX: `frames`, one set of pictures, in; `features` out."""
    example = torch.zeros(fight.FRAMES, fight.SIDE_PX, fight.SIDE_PX, 3, dtype=torch.uint8)
    torch.onnx.export(
        features.eval(), (example,), str(path), input_names=["frames"], output_names=["features"], opset_version=17,
        dynamo=False,
    )  # fmt: skip
