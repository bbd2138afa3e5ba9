"""How crowdnet's head is trained, and how it counts."""

import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from models.recipes import crowd_network, crowd_views

BATCH, RATE, GENTLE_RATE = 6, 2e-3, 3e-4
"""Crops to a step; the greatest learning rate of the head, and of the stages that knew much before."""
EMPTY_SHARE = 0.15
"""Share of crops that come from pictures without people."""


def loss_of(found: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """Return the loss of density maps (n, 1, h, w) against counts of the same form."""
    blurred = functional.conv2d(functional.pad(true, (2, 2, 2, 2), mode="reflect"), SMOOTH.to(found))
    loss = (found - blurred * torch.log(found + 1e-4)).sum((1, 2, 3)).mean() / 40
    a, b = (functional.avg_pool2d(x, 4) * 16 for x in (found, true))
    loss = loss + (a - b * torch.log(a + 1e-3)).sum((1, 2, 3)).mean() / 40
    total, heads = found.sum((1, 2, 3)), true.sum((1, 2, 3))
    return loss + torch.log((total + 5) / (heads + 5)).abs().mean()


_STEPS = torch.arange(-2, 3, dtype=torch.float32)
SMOOTH = torch.exp(-(_STEPS[:, None] ** 2 + _STEPS**2) / (2 * 0.6**2))
SMOOTH = (SMOOTH / SMOOTH.sum()).view(1, 1, 5, 5)


def train(
    weights: Path, views: list[list[crowd_views.View]], empty: list[crowd_views.View], steps: int, seed: int
) -> crowd_network.Head:
    """Return a head trained on views (a list for each picture, and views of pictures without people), begun with the backbone's weights."""
    torch.manual_seed(seed)
    dice = random.Random(seed)  # noqa: S311 (chance of training, no secret)
    sample = np.concatenate(
        [one.seen.reshape(crowd_network.FINE, -1)[:, ::7] for some in views for one in some[:2]], 1
    ).astype(np.float32)
    head = crowd_network.Head(weights, sample.mean(1), sample.std(1) + 1e-3).train()
    head = head.to(memory_format=torch.channels_last)
    known, new = head.further.parameters(), [*head.reduce.parameters(), *head.count.parameters()]
    optimizer = torch.optim.AdamW([{"params": known}, {"params": new}], lr=RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, [GENTLE_RATE, RATE], steps, pct_start=0.15)
    deck: list[list[crowd_views.View]] = []
    begun = time.monotonic()
    for step in range(steps):
        parts = []
        for _ in range(BATCH):
            if dice.random() < EMPTY_SHARE:
                parts.append(crowd_views.part_of(dice.choice(empty), dice))
                continue
            if not deck:
                deck = dice.sample(views, len(views))
            parts.append(crowd_views.part_of(dice.choice(deck.pop()), dice))
        seen = torch.from_numpy(np.stack([part.seen for part in parts]).astype(np.float32))
        seen = seen.contiguous(memory_format=torch.channels_last)
        true = torch.from_numpy(np.stack([part.people for part in parts])[:, None])
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            found = head(seen)
        loss = loss_of(found.float(), true)
        loss.backward()
        nn.utils.clip_grad_norm_(head.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 99:
            print(
                f"  step {step + 1}/{steps} loss {float(loss.detach()):.2f} {time.monotonic() - begun:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    return head.eval()


def balance(head: crowd_network.Head, whole: list[np.ndarray], true: np.ndarray) -> None:
    """Set the head's gain to what makes the mean relative error least on pictures it was trained on."""
    found = count(head, whole)
    gains = np.arange(0.8, 1.6, 0.01)
    head.gain.fill_(float(gains[np.argmin([np.mean(np.abs(gain * found - true) / true) for gain in gains])]))


@torch.no_grad()
def count(head: crowd_network.Head, seen: list[np.ndarray]) -> np.ndarray:
    """Return how many people are counted in pictures as the fixed part sees them."""
    return np.array([head(torch.from_numpy(one[None].astype(np.float32))).sum().item() for one in seen])
