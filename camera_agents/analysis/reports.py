"""Turns what detection concluded into the wire's messages."""

from datetime import UTC, datetime
from uuid import UUID

from detection import counterfactuals, types
from sharing_hub.wire import v1


def event_report(
    camera_id: str,
    event_id: UUID,
    raised: types.Raised,
    camera_clock: v1.CameraClock | None,
    look_interval_s: float,
    software: str,
) -> v1.EventReport:
    """Return the report of `raised`."""
    return v1.EventReport(
        event_id=event_id,
        camera_id=camera_id,
        kind=raised.kind.value,
        started_at=at(raised.started_s),
        raised_at=at(raised.raised_s),
        score=_unit(raised.score),
        explanation=explanation(raised),
        camera_clock=camera_clock,
        look_interval_s=look_interval_s,
        software=software,
    )


def explanation(raised: types.Raised) -> v1.Explanation:
    """Return why it was raised, as the wire has it."""
    path = raised.path[-v1.MAX_PATH_POINTS :]
    return v1.Explanation.model_validate(
        {
            "trigger": raised.trigger,
            "conditions": [
                {
                    "name": c.name,
                    "value": c.value,
                    "comparison": c.comparison,
                    "threshold": c.threshold,
                    "unit": c.unit,
                    "silent_threshold": counterfactuals.silent_threshold(c),
                }
                for c in raised.conditions
            ],
            "zone": None if raised.zone is None else {"name": raised.zone.name, "points": raised.zone.points},
            "track_id": raised.track_id,
            "object_class": None if raised.object_class is None else raised.object_class.name.lower(),
            "box": None if raised.box_norm is None else tuple(_unit(edge) for edge in raised.box_norm),
            "path": [
                {"after_s": point.time_s - raised.started_s, "x": _unit(point.x_norm), "y": _unit(point.y_norm)}
                for point in path
            ],
            "models": [{"name": model.name, "sha256": model.sha256} for model in raised.models],
            "settings_sha256": raised.settings_sha256,
        }
    )


def at(time_s: float) -> datetime:
    """Return a time of the analysis as UTC."""
    return datetime.fromtimestamp(time_s, UTC)


def at_us(time_us: int) -> datetime:
    """Return a capture time as UTC, exact to the microsecond."""
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).replace(microsecond=time_us % 1_000_000)


def us(time: datetime) -> int:
    """Return a time in microseconds since 1970."""
    return round(time.timestamp() * 1e6)


def _unit(value: float) -> float:
    # In this order of arguments what is not a number stays so, for the wire to refuse, and does not become 0.
    return min(max(float(value), 0.0), 1.0)
