"""When a delivery that failed is tried again, and when it is given up."""

import random
from datetime import datetime, timedelta

GIVE_UP_AFTER = timedelta(hours=24)
NOT_DELIVERED_AFTER = timedelta(seconds=10)
"""From then on operators read `not delivered`, so that a person can phone."""
_FIRST_S, _MOST_S = 1.0, 300.0


def next_try(attempts: int, made_at: datetime, now: datetime, chance: random.Random) -> datetime | None:
    """Return when to try again after `attempts` tries, or None where it is given up.

    Waits double from 1 s to 5 min, each between half and the whole of it, so that a receiver that comes back is not met by all at once.
    """
    wait_s = min(_MOST_S, _FIRST_S * 2.0 ** min(attempts - 1, 20)) * (0.5 + chance.random() / 2)
    at = now + timedelta(seconds=wait_s)
    return at if at - made_at <= GIVE_UP_AFTER else None


def is_late(state: str, made_at: datetime, now: datetime) -> bool:
    """Say whether operators are shown that it was not delivered."""
    return state == "dead" or (state == "pending" and now - made_at >= NOT_DELIVERED_AFTER)
