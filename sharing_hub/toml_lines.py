"""Where a key stands in a TOML text, so that a wrong setting can be named with its line."""

import re
from collections.abc import Sequence
from typing import get_args

from pydantic import BaseModel

_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\"'.-]+)\s*=")


def line_of(text: str, location: Sequence[str | int]) -> int:
    """Return the number of the line that sets `location`, or of the nearest table that holds it (1 where there is none)."""
    wanted = [str(step) for step in location if isinstance(step, str)]
    table: list[str] = []
    best = (0, 1)
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _steps(header.group(1))
            here = table
        elif key := _KEY.match(line):
            here = table + _steps(key.group(1))
        else:
            continue
        if here == wanted[: len(here)] and len(here) > best[0]:
            best = (len(here), number)
    return best[1]


def known_keys(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """Return the keys that may stand in the table at `location`."""
    for step in location:
        if isinstance(step, int):  # one table of several that are written alike
            continue
        field = model.model_fields.get(step)
        inner = field.annotation if field else None
        inner = next(iter(get_args(inner)), inner)
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return ["severity", "alarm"] if location and location[0] == "rules" else []
        model = inner
    return sorted(model.model_fields)


def _steps(dotted: str) -> list[str]:
    return [step.strip().strip("\"'") for step in dotted.split(".")]
