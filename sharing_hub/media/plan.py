"""What a derivative shall be and what it became, as plain values that also travel as JSON between the hub and the process that makes it."""

import dataclasses
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sharing_hub import errors

NONE, FACES_AND_PLATES, PEOPLE_AND_PLATES, WHOLE = "none", "faces_and_plates", "people_and_plates", "whole"
LEVELS = (NONE, FACES_AND_PLATES, PEOPLE_AND_PLATES, WHOLE)
"""How much is hidden, the least first; as `detection.redaction.Level`."""
MOST_PICKS = 50
_MOST_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Pick:
    """A point on somebody who stays clear, as it was picked on the picture.

    Attributes:
        time_s: seconds from the first frame.
        x_norm, y_norm: 0..1 of the picture.
    """

    time_s: float
    x_norm: float
    y_norm: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.time_s) and self.time_s >= 0 and 0 <= self.x_norm <= 1 and 0 <= self.y_norm <= 1):
            raise errors.Unprocessable("a pick is a time from 0 s on and a point from 0 to 1 of the picture")


@dataclass(frozen=True, slots=True)
class MaskPlan:
    """How a derivative is masked.

    Attributes:
        level: one of LEVELS.
        keep_clear: who stays clear (the applicant of a citizen's copy); whoever is not certain to be them is hidden.
        threads: of the encoder; the finders take two of their own.
        quality: x264's constant rate factor.
    """

    level: str
    keep_clear: tuple[Pick, ...] = ()
    threads: int = 2
    quality: int = 23

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise errors.Unprocessable(f"no mask level {self.level[:40]!r}; there are {', '.join(LEVELS)}")
        if self.keep_clear and self.level in (NONE, FACES_AND_PLATES):
            raise errors.Unprocessable("who stays clear is told apart from others only where people are hidden whole")
        if len(self.keep_clear) > MOST_PICKS:
            raise errors.Unprocessable(f"at most {MOST_PICKS} picks")
        if not (1 <= self.threads <= 16 and 10 <= self.quality <= 40):
            raise errors.Unprocessable("threads are 1 to 16 and quality 10 to 40")


@dataclass(frozen=True, slots=True)
class Watermark:
    """What is written into every picture: for whom it was made, and when.

    Attributes:
        watermark_id: names the export, so that a copy that turns up leads to its ledger entry.
        captured_at: when the first frame was captured; its time then runs along. None where it is not known.
    """

    agency: str
    person: str
    issued_at: datetime
    watermark_id: str
    captured_at: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("agency", "person", "watermark_id"):
            text = getattr(self, name)
            if not text.strip() or len(text) > _MOST_CHARACTERS or _unprintable(text):
                raise errors.Unprocessable(f"the watermark's {name} is 1 to {_MOST_CHARACTERS} printable characters")
        if self.issued_at.tzinfo is None or (self.captured_at is not None and self.captured_at.tzinfo is None):
            raise errors.Unprocessable("the watermark's times need an offset")


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """A model that looked for what to hide."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class KeptClear:
    """For how long a picked person stayed clear, seconds from the first frame, and why not before and after."""

    pick: Pick
    from_s: float
    until_s: float
    ended_before: str
    ended_after: str


@dataclass(frozen=True, slots=True)
class DerivativeReport:
    """What was made.

    Attributes:
        frames: in the derivative; frames_masked: with something hidden; frames_lost: that could not be decoded.
        looks: frames that detectors looked at; found: what they found in all of them, by sort.
        longest_look_gap_s: between two of them.
    """

    level: str
    watermark_id: str
    source_sha256: str
    source_bytes: int
    sha256: str
    length_bytes: int
    width_px: int
    height_px: int
    duration_s: float
    frames: int
    frames_masked: int
    frames_lost: int
    looks: int
    longest_look_gap_s: float
    found: Mapping[str, int]
    models: tuple[ModelUsed, ...]
    kept_clear: tuple[KeptClear, ...]
    encoder: str

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values; seconds become milliseconds, so that canonical JSON holds no fractions."""
        values = dataclasses.asdict(self)
        values["models"] = [dataclasses.asdict(one) for one in self.models]
        values["kept_clear"] = [_kept_json(one) for one in self.kept_clear]
        values["found"] = dict(self.found)
        for name in ("duration_s", "longest_look_gap_s"):
            values[name.removesuffix("_s") + "_ms"] = round(1000 * values.pop(name))
        return values


def report_of(values: Mapping[str, Any]) -> DerivativeReport:
    """Read what `DerivativeReport.as_json` wrote.

    Raises:
        Unprocessable: it is not that.
    """
    try:
        rest = dict(values)
        kept = tuple(_kept_of(one) for one in rest.pop("kept_clear"))
        used = tuple(ModelUsed(one["name"], one["sha256"]) for one in rest.pop("models"))
        duration_s, gap_s = rest.pop("duration_ms") / 1000, rest.pop("longest_look_gap_ms") / 1000
        return DerivativeReport(**rest, models=used, kept_clear=kept, duration_s=duration_s, longest_look_gap_s=gap_s)
    except (KeyError, TypeError, ValueError) as e:
        raise errors.Unprocessable(f"not the report of a derivative: {e}") from e


def job_json(plan: MaskPlan, watermark: Watermark) -> dict[str, Any]:
    """Return what a derivative shall be as JSON values."""
    mark = dataclasses.asdict(watermark)
    mark["issued_at"] = watermark.issued_at.isoformat()
    mark["captured_at"] = None if watermark.captured_at is None else watermark.captured_at.isoformat()
    return {"plan": dataclasses.asdict(plan), "watermark": mark}


def job_of(values: Mapping[str, Any]) -> tuple[MaskPlan, Watermark]:
    """Read what `job_json` wrote.

    Raises:
        Unprocessable: it is not that.
    """
    try:
        plan = dict(values["plan"])
        picks = tuple(Pick(**one) for one in plan.pop("keep_clear", ()))
        mark = dict(values["watermark"])
        captured = mark.pop("captured_at", None)
        return MaskPlan(**plan, keep_clear=picks), Watermark(
            agency=mark["agency"],
            person=mark["person"],
            watermark_id=mark["watermark_id"],
            issued_at=datetime.fromisoformat(mark["issued_at"]),
            captured_at=None if captured is None else datetime.fromisoformat(captured),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise errors.Unprocessable(f"not a plan with its watermark: {e}") from e


def _kept_json(one: KeptClear) -> dict[str, Any]:
    return {
        "pick": {
            "time_ms": round(1000 * one.pick.time_s),
            "x_per_mille": round(1000 * one.pick.x_norm),
            "y_per_mille": round(1000 * one.pick.y_norm),
        },
        "from_ms": round(1000 * one.from_s),
        "until_ms": round(1000 * one.until_s),
        "ended_before": one.ended_before,
        "ended_after": one.ended_after,
    }


def _kept_of(values: Mapping[str, Any]) -> KeptClear:
    pick = values["pick"]
    return KeptClear(
        Pick(pick["time_ms"] / 1000, pick["x_per_mille"] / 1000, pick["y_per_mille"] / 1000),
        values["from_ms"] / 1000,
        values["until_ms"] / 1000,
        values["ended_before"],
        values["ended_after"],
    )


def _unprintable(text: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") for character in text)
