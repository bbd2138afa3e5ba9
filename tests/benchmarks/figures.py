"""What a benchmark reports: a figure, its unit, and the goal it is held against."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        goal: in words, "<= 0.40"; empty where the figure stands beside another one.
        note: how it was measured, in a few words.
    """

    name: str
    value: float
    unit: str
    goal: str = ""
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal holds; None where there is none."""
        if not self.goal:
            return None
        comparison, bound = self.goal.split()
        return self.value <= float(bound) if comparison == "<=" else self.value >= float(bound)


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as lines of text, the goal and whether it holds beside each."""
    lines = []
    for figure in figures:
        mark = {True: "ok", False: "MISSED", None: ""}[figure.reached]
        lines.append(
            f"{figure.name:<58} {figure.value:>10.3f} {figure.unit:<10} {figure.goal:<9} {mark:<7} {figure.note}".rstrip()
        )
    return "\n".join(lines)


def write(figures: Sequence[Figure], path: Path) -> None:
    """Write the figures as JSON."""
    rows = [{**dataclasses.asdict(figure), "reached": figure.reached} for figure in figures]
    path.write_text(json.dumps(rows, indent=2) + "\n")
