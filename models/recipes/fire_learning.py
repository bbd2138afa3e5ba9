"""Learning firenet's trained part from tiles that went through its frozen part once, and judging pictures with it."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.optim import swa_utils

from models.recipes import fire_network, fire_pictures, tile_learning
from models.recipes.fire_pictures import FIRE, Float, Picture
from models.recipes.tile_groups import Ints

PYRAMID = 14
"""Tiles of an unchanged picture."""
TILES_TO_LEARN = 14400
_KEEPS = 0.97
"""What is learned is averaged over the steps: so much of the average is kept at each."""


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """Tiles after the frozen part.

    Attributes:
        middle: float16 (n, 160, 7, 7).
        label: int8 (n, 2); cells: int8 (n, 2, 7, 7); pictures: int64 (n, 2), as in `fire_tiles.Tile`.
        whole: bool (n,), of the pyramid of an unchanged picture.
    """

    middle: npt.NDArray[np.float16]
    label: npt.NDArray[np.int8]
    cells: npt.NDArray[np.int8]
    pictures: Ints
    whole: npt.NDArray[np.bool_]


def learn(top: fire_network.Top, tiles: Tiles, rows: Ints, groups: Ints, seed: int) -> None:
    """Train `top` on some of the tiles; what is rare in them and what has few near-copies is drawn more often."""
    torch.manual_seed(seed)
    top.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    rng = np.random.default_rng(seed)
    chances = _chances(tiles, rows, groups)
    steps = TILES_TO_LEARN // tile_learning.BATCH
    optimiser, schedule = tile_learning.prepare(top, steps)
    average = swa_utils.AveragedModel(top, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(_KEEPS))
    top.train()
    for _ in range(steps):
        drawn = rng.choice(rows, tile_learning.BATCH, p=chances)
        with torch.autocast("cpu", torch.bfloat16):  # a third of the time
            logits, cells = top(_as_input(tiles, drawn))
        loss = _loss(logits.float(), tiles.label[drawn]) + tile_learning.CELL_WEIGHT * _loss(
            cells.float(), tiles.cells[drawn]
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        average.update_parameters(top)
    top.load_state_dict(average.module.state_dict())
    top.eval()


def judge(top: fire_network.Top, tiles: Tiles, rows: Ints) -> Float:
    """Return the logits of tiles: float32 (n, 2)."""
    with torch.no_grad():
        parts = [top(_as_input(tiles, part))[0] for part in np.array_split(rows, len(rows) // 64 + 1)]
    return np.asarray(torch.cat(parts).numpy(), np.float32)


def judge_pyramids(top: fire_network.Top, tiles: Tiles, pictures: Ints) -> Float:
    """Return the logits of the tiles of pictures' pyramids, the whole picture first: float32 (n, 14, 2)."""
    rows = np.flatnonzero(tiles.whole)
    rows = np.concatenate([rows[tiles.pictures[rows, 0] == number] for number in pictures])
    return judge(top, tiles, rows).reshape(len(pictures), -1, 2)


def pool(logits: Float) -> Float:
    """Return the logits of pictures from those of their pyramids, float32 (n, 14, 2), as the examiner does: float32 (n, 2).

    Smoke is its best tile's; fire is the mean of its best tile's and the whole picture's.
    """
    best = logits.max(1)
    return np.stack([(best[:, FIRE] + logits[:, 0, FIRE]) / 2, best[:, fire_pictures.SMOKE]], 1)


def join(first: Tiles, second: Tiles) -> Tiles:
    """Return the tiles of both."""
    names = [field.name for field in dataclasses.fields(Tiles)]
    return Tiles(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in names))


def truth(pictures: Sequence[Picture], kind: int, origins: Sequence[str]) -> npt.NDArray[np.int8]:
    """Return what each picture shows of a kind: 1, 0, or -1 where it is not known or its origin is not asked for."""
    found = [p.truth[kind] if p.origin in origins else None for p in pictures]
    return np.array([-1 if one is None else int(one) for one in found], np.int8)


def _as_input(tiles: Tiles, rows: Ints) -> torch.Tensor:
    middle = torch.from_numpy(tiles.middle[rows].astype(np.float32))
    return middle.contiguous(memory_format=torch.channels_last)


def _loss(logits: torch.Tensor, label: npt.NDArray[np.int8]) -> torch.Tensor:
    """Return the mean cross-entropy over what is known; both kinds count equally."""
    target = torch.from_numpy(label.astype(np.float32))
    known = (target >= 0).float()
    each = nn.functional.binary_cross_entropy_with_logits(logits, target.clamp(min=0), reduction="none") * known
    dims = [d for d in range(target.dim()) if d != 1]
    return (each.sum(dims) / known.sum(dims).clamp(min=1)).mean()


def _chances(tiles: Tiles, rows: Ints, groups: Ints) -> Float:
    """Return how likely each row is drawn: near-copies share by the root of their number; fire, smoke and neither get a third each."""
    group = groups[tiles.pictures[rows, 0]]
    weight = 1 / np.sqrt(np.bincount(group)[group])
    label = tiles.label[rows]
    fire, smoke = label[:, FIRE] == 1, label[:, fire_pictures.SMOKE] == 1
    for part in (fire, smoke & ~fire, ~fire & ~smoke):
        if part.any():
            weight[part] /= weight[part].sum()
    return np.asarray(weight / weight.sum(), np.float64)
