"""Small counts in public figures: from a count below five somebody could tell who it was, so it is not printed, nor what would give it away."""

from collections.abc import Mapping

LEAST = 5
HIDDEN = "<5"


def suppress(counts: Mapping[str, int], total_shown: bool = True) -> dict[str, str]:
    """Return the counts as text, with those of 1 to 4 hidden.

    Where the total is shown beside them and exactly one is hidden, the smallest of the others is hidden too: otherwise it could be worked out.
    """
    hidden = {key for key, count in counts.items() if 0 < count < LEAST}
    if total_shown and len(hidden) == 1:
        others = [(count, key) for key, count in counts.items() if key not in hidden and count > 0]
        hidden |= {min(others)[1]} if others else set()
    return {
        key: HIDDEN if key in hidden and count < LEAST else "–" if key in hidden else str(count)
        for key, count in counts.items()
    }


def shown_total(counts: Mapping[str, int]) -> str:
    """Return the total as text; a total of 1 to 4 is hidden too."""
    total = sum(counts.values())
    return HIDDEN if 0 < total < LEAST else str(total)
