"""The network of weapnet: `tile_network` with a head for guns; a pistol in a person's hand fills one or two cells."""

import torch
from torch import nn

from models.recipes import tile_network


class Top(tile_network.Top):
    """What is trained. In: float (n, 160, 7, 7); out: logits (n,) of tiles and (n, 7, 7) of cells."""

    def __init__(self, backbone: nn.Sequential) -> None:
        super().__init__(backbone, kinds=1, bias=-2.0)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the tiles' and the cells' logits."""
        cells: torch.Tensor = self.head(self.drop(self.blocks(x)))[:, 0]
        return tile_network.soft_maximum(cells.flatten(1)), cells


class Whole(nn.Module):
    """What is exported: tiles in, probabilities of tiles and cells out, moved so that 0.5 is the operating point of a whole picture."""

    def __init__(self, trunk: tile_network.Trunk, top: Top, shift: float) -> None:
        super().__init__()
        self.trunk, self.top, self.shift = trunk, top, shift

    def forward(self, tiles: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return float (n,) and float (n, 7, 7), 0 to 1."""
        scores, cells = self.top(self.trunk(tiles))
        return torch.sigmoid(scores - self.shift), torch.sigmoid(cells - self.shift)
