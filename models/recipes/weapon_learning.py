"""Learning weapnet's trained part from tiles that went through its frozen part once, and judging tiles with it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from detection.types import Float
from models.recipes import tile_learning, weapon_network
from models.recipes.tile_groups import Ints
from models.recipes.weapon_pictures import GUN, Picture

TILES_TO_LEARN = 3000
_SHARE_GUNS, _SHARE_BESIDE = 0.45, 0.15
"""How much of what is drawn shows a gun, and how much is of pictures with guns but shows none; the rest is of pictures without."""


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """Tiles after the frozen part.

    Attributes:
        middle: float16 (n, 160, 7, 7).
        label: int8 (n,); cells: int8 (n, 7, 7); pictures: int64 (n, 2); use: int8 (n,): as in `weapon_tiles.Tile`.
    """

    middle: npt.NDArray[np.float16]
    label: npt.NDArray[np.int8]
    cells: npt.NDArray[np.int8]
    pictures: Ints
    use: npt.NDArray[np.int8]


def learn(top: weapon_network.Top, tiles: Tiles, rows: Ints, pictures: Sequence[Picture], seed: int) -> None:
    """Train `top` on some of the tiles."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    rows = rows[tiles.label[rows] >= 0]
    chances = _chances(tiles, rows, pictures)
    steps = TILES_TO_LEARN // tile_learning.BATCH
    optimiser, schedule = tile_learning.prepare(top, steps)
    top.train()
    for _ in range(steps):
        drawn = rng.choice(rows, tile_learning.BATCH, p=chances)
        scores, cells = top(torch.from_numpy(tiles.middle[drawn].astype(np.float32)))
        loss = _loss(scores, tiles.label[drawn]) + tile_learning.CELL_WEIGHT * _loss(cells, tiles.cells[drawn])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    top.eval()


def judge(top: weapon_network.Top, tiles: Tiles, rows: Ints) -> Float:
    """Return the logits of tiles: float32 (n,)."""
    with torch.no_grad():
        parts = [
            top(torch.from_numpy(tiles.middle[part].astype(np.float32)))[0]
            for part in np.array_split(rows, len(rows) // 64 + 1)
        ]
    return np.asarray(torch.cat(parts).numpy(), np.float32)


def best_of(logits: Float, tiles: Tiles, rows: Ints, use: int, count: int) -> Float:
    """Return each picture's best logit over its tiles of one use: float32 (count,); -inf where it has none.

    Args:
        logits: of the tiles `rows`.
    """
    made = np.full(count, -np.inf, np.float32)
    chosen = tiles.use[rows] == use
    np.maximum.at(made, tiles.pictures[rows[chosen], 0], logits[chosen])
    return made


def _loss(logits: torch.Tensor, label: npt.NDArray[np.int8]) -> torch.Tensor:
    """Return the mean cross-entropy over what is known; where cells show a gun they weigh four times as much: they are few."""
    target = torch.from_numpy(label.astype(np.float32))
    weight = (target >= 0).float() * (1 + 3 * (target == 1).float() * (target.dim() > 1))
    each = nn.functional.binary_cross_entropy_with_logits(logits, target.clamp(min=0), reduction="none")
    return (each * weight).sum() / weight.sum().clamp(min=1)


def _chances(tiles: Tiles, rows: Ints, pictures: Sequence[Picture]) -> npt.NDArray[np.float64]:
    """Return how likely each row is drawn: within each of the three sorts every picture as often as any other."""
    owner = tiles.pictures[rows, 0]
    gun_picture = np.array([p.origin == GUN for p in pictures])[owner]
    shows = tiles.label[rows] == 1
    made = np.zeros(len(rows))
    shares = (_SHARE_GUNS, _SHARE_BESIDE, 1 - _SHARE_GUNS - _SHARE_BESIDE)
    for part, share in zip((shows, ~shows & gun_picture, ~shows & ~gun_picture), shares, strict=True):
        of = np.where(shows, tiles.pictures[rows, 1], owner)[part]  # a pasted gun counts for the picture it is from
        weight = 1 / np.bincount(of)[of]
        made[part] = share * weight / weight.sum()
    return made / made.sum()
