"""The network of firenet: `tile_network` with a head for fire and smoke."""

import torch
from torch import nn

from models.recipes import tile_network


class Top(tile_network.Top):
    """What is trained. In: float (n, 160, 7, 7); out: logits (n, 2) of tiles and (n, 2, 7, 7) of cells: fire, smoke."""

    def __init__(self, backbone: nn.Sequential) -> None:
        super().__init__(backbone, kinds=2, bias=-1.0)


class Whole(nn.Module):
    """What is exported: tiles in, calibrated probabilities of tiles and cells out.

    Logits are moved and stretched so that 0.5 is the operating point of a picture judged by its best tile.
    """

    def __init__(self, trunk: tile_network.Trunk, top: Top, shift: tuple[float, float]) -> None:
        super().__init__()
        self.trunk, self.top = trunk, top
        self.shift: torch.Tensor
        self.register_buffer("shift", torch.tensor(shift).view(1, 2))

    def forward(self, tiles: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return float (n, 2) and float (n, 2, 7, 7), 0 to 1: fire, smoke."""
        scores, cells = self.top(self.trunk(tiles))
        return torch.sigmoid(scores - self.shift), torch.sigmoid(cells - self.shift[:, :, None, None])
