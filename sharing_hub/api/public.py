"""What residents may read without logging in: the public page and its figures. Worked out at most once in ten minutes, however often it is asked for."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import dependencies, problems
from sharing_hub.services import book, oversight, public_page, register_columns, statistics

ROUTER = APIRouter(tags=["public"])
KEPT_FOR = timedelta(minutes=10)
MONTHS_BACK = 24
Month = Annotated[
    str | None,
    Query(
        pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="YYYY-MM, Korean time; by default the month that ended last."
    ),
]


@dataclass(frozen=True, slots=True)
class _Kept:
    made_at: datetime
    value: Any


class Cache:
    """Keeps what was worked out for ten minutes; one caller works, the others wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def get(self, key: str, now: datetime, make: Callable[[], Any]) -> Any:
        """Return the value of `key`, made anew where it is older."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or now - kept.made_at >= KEPT_FOR:
                kept = self._kept[key] = _Kept(now, make())
            return kept.value


@ROUTER.get("/public", include_in_schema=False)
def page(hub: dependencies.HubHere, request: Request) -> Response:
    """Return the page for residents: the last two months' figures and the cameras."""

    def make() -> str:
        months = _months(hub.clock())
        with hub.database.reading() as session:
            _, found = book.in_force(session)
            figures = [statistics.of_month(session, month) for month in months]
            return public_page.render(found, statistics.public_cameras(session), figures, hub.settings.media.keep_days)

    text: str = _cache(request).get("page", hub.clock(), make)
    headers = {"Content-Security-Policy": public_page.POLICY, "Cache-Control": "public, max-age=600"}
    return Response(text, headers=headers, media_type="text/html; charset=utf-8")


@ROUTER.get("/public/statistics", operation_id="getPublicStatistics", responses=problems.documented(422))
def public_statistics(hub: dependencies.HubHere, request: Request, month: Month = None) -> dict[str, Any]:
    """Return a month's public figures of the last two years; counts below five are hidden."""
    wanted = month or oversight.last_month(hub.clock())
    _require_recent(hub, wanted)

    def make() -> dict[str, Any]:
        with hub.database.reading() as session:
            return asdict(statistics.of_month(session, wanted))

    found: dict[str, Any] = _cache(request).get(wanted, hub.clock(), make)
    return found


def _require_recent(hub: hubs.Hub, month: str) -> None:
    """Bound what the cache may be made to hold."""
    now = hub.clock().astimezone(register_columns.KOREA)
    year, number = int(month[:4]), int(month[5:])
    back = (now.year - year) * 12 + now.month - number
    if not 0 <= back <= MONTHS_BACK:
        raise errors.Unprocessable(f"figures are given for this month and the {MONTHS_BACK} before it")


def _months(now: datetime) -> list[str]:
    return [now.astimezone(register_columns.KOREA).strftime("%Y-%m"), oversight.last_month(now)]


def _cache(request: Request) -> Cache:
    cache: Cache = request.app.state.public_cache
    return cache
