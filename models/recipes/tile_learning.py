"""How firenet and weapnet learn alike: the size of a step, its rates, and which tiles a fold may see."""

import numpy as np
import numpy.typing as npt
import torch

from models.recipes import tile_network
from models.recipes.tile_groups import Ints

BATCH = 48
CELL_WEIGHT = 0.5
"""What cells count for beside tiles."""
_RATE_HEAD, _RATE_BLOCKS = 3e-3, 3e-4


def prepare(top: tile_network.Top, steps: int) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Return what trains `top` in so many steps, the head faster than the blocks that come trained, and how its rates rise and fall."""
    optimiser = torch.optim.AdamW(
        [{"params": top.head.parameters(), "lr": _RATE_HEAD}, {"params": top.blocks.parameters(), "lr": _RATE_BLOCKS}],
        weight_decay=1e-3,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [_RATE_HEAD, _RATE_BLOCKS], total_steps=steps, pct_start=0.15
    )
    return optimiser, schedule


def rows_of(pictures: Ints, chosen: npt.NDArray[np.bool_]) -> Ints:
    """Return the tiles both of whose pictures are chosen.

    Args:
        pictures: int64 (n, 2), the two pictures of each tile.
        chosen: bool, by picture.
    """
    return np.flatnonzero(chosen[pictures].all(1))
