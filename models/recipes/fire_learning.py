"""Learning firenet's trained part from tiles that went through its frozen part once, and judging pictures with it."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.optim import swa_utils

from models.recipes import fire_network, fire_pictures
from models.recipes.fire_pictures import FIRE, Float, Picture

FOLDS = 5
BATCH = 48
TILES_TO_LEARN = 9600
_KEEPS = 0.97
"""What is learned is averaged over the steps: so much of the average is kept at each."""
_CELL_WEIGHT = 0.5
_RATE_HEAD, _RATE_BLOCKS = 3e-3, 3e-4
Ints = npt.NDArray[np.int64]


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


def split(pictures: Sequence[Picture], groups: Ints, seed: int = 0) -> Ints:
    """Return each picture's fold: int64 (n,). A group is in one fold; folds get near equal shares of every sort of picture."""
    sorts = [(p.origin, p.truth) for p in pictures]
    known = sorted(set(sorts), key=str)
    sort = np.array([known.index(one) for one in sorts])
    total = np.bincount(sort)
    load = np.zeros((FOLDS, len(known)))
    fold = np.zeros(len(pictures), np.int64)
    names, counts = np.unique(groups, return_counts=True)
    chance = np.random.default_rng(seed).random(len(names))
    for i in sorted(range(len(names)), key=lambda i: (-counts[i], chance[i])):
        members = np.flatnonzero(groups == names[i])
        share = np.bincount(sort[members], minlength=len(known)) / total
        best = int((((load + share) ** 2) - load**2).sum(1).argmin())
        load[best] += share
        fold[members] = best
    return fold


def learn(top: fire_network.Top, tiles: Tiles, rows: Ints, groups: Ints, seed: int) -> None:
    """Train `top` on some of the tiles; what is rare in them and what has few near-copies is drawn more often."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    chances = _chances(tiles, rows, groups)
    optimiser = torch.optim.AdamW(
        [{"params": top.head.parameters(), "lr": _RATE_HEAD}, {"params": top.blocks.parameters(), "lr": _RATE_BLOCKS}],
        weight_decay=1e-3,
    )
    steps = TILES_TO_LEARN // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [_RATE_HEAD, _RATE_BLOCKS], total_steps=steps, pct_start=0.15
    )
    average = swa_utils.AveragedModel(top, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(_KEEPS))
    top.train()
    for _ in range(steps):
        drawn = rng.choice(rows, BATCH, p=chances)
        logits, cells = top(torch.from_numpy(tiles.middle[drawn].astype(np.float32)))
        loss = _loss(logits, tiles.label[drawn]) + _CELL_WEIGHT * _loss(cells, tiles.cells[drawn])
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
        parts = [
            top(torch.from_numpy(tiles.middle[part].astype(np.float32)))[0]
            for part in np.array_split(rows, len(rows) // 64 + 1)
        ]
    return np.asarray(torch.cat(parts).numpy(), np.float32)


def judge_pictures(top: fire_network.Top, tiles: Tiles, pictures: Ints) -> Float:
    """Return the logits of pictures by their pyramids, as the examiner makes them: float32 (n, 2)."""
    rows = np.flatnonzero(tiles.whole & np.isin(tiles.pictures[:, 0], pictures))
    logits, owner = judge(top, tiles, rows), tiles.pictures[rows, 0]
    return np.stack([pool(logits[owner == number]) for number in pictures])


def pool(logits: Float) -> Float:
    """Return a picture's logits from those of its pyramid, the whole picture first.

    Smoke is its best tile's; fire is the mean of its best tile's and the whole picture's.
    """
    return np.array([(logits[:, FIRE].max() + logits[0, FIRE]) / 2, logits[:, fire_pictures.SMOKE].max()], np.float32)


def join(first: Tiles, second: Tiles) -> Tiles:
    """Return the tiles of both."""
    names = [field.name for field in dataclasses.fields(Tiles)]
    return Tiles(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in names))


def rows_of(tiles: Tiles, chosen: npt.NDArray[np.bool_]) -> Ints:
    """Return the tiles both of whose pictures are `chosen` (bool by picture)."""
    return np.flatnonzero(chosen[tiles.pictures].all(1))


def truth(pictures: Sequence[Picture], kind: int, origins: Sequence[str]) -> npt.NDArray[np.int8]:
    """Return what each picture shows of a kind: 1, 0, or -1 where it is not known or its origin is not asked for."""
    found = [p.truth[kind] if p.origin in origins else None for p in pictures]
    return np.array([-1 if one is None else int(one) for one in found], np.int8)


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
