"""Rules: which event kinds make an alarm, and how severe it is.

The table is the default data of the matrix that a district may edit (`[rules.KIND]` in hub.toml); 1 is the most severe.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Category = Literal["fire", "crime", "traffic", "disaster", "health", "inbound"]
"""inbound: no camera raises it; an agency or a bell opens the incident."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind of event becomes.

    Attributes:
        severity: 1 (lives) to 3 (a look when there is time).
        raises_alarm: False keeps the event as a row only.
    """

    kind: str
    category: Category
    severity: int
    raises_alarm: bool = True

    def __post_init__(self) -> None:
        if self.severity not in (1, 2, 3):
            raise ValueError(f"severity of {self.kind} must be 1, 2 or 3, not {self.severity}")


Rules = Mapping[str, Rule]

_TABLE: tuple[tuple[Category, int, tuple[str, ...]], ...] = (
    ("fire", 1, ("fire", "smoke")),
    ("crime", 1, ("fight", "fall", "weapon")),
    ("crime", 2, ("intrusion", "line_crossing", "abandoned_object", "removed_object")),
    ("crime", 3, ("loitering",)),
    ("traffic", 1, ("accident", "pedestrian_on_road")),
    ("traffic", 2, ("wrong_way", "stopped_vehicle", "speeding")),
    ("traffic", 3, ("illegal_parking", "congestion")),
    ("disaster", 1, ("crowd", "flood", "collapse", "shake")),
    ("health", 3, ("offline", "frozen", "looped", "blinded", "sprayed", "defocused", "moved", "clock_drift")),
    (
        "inbound",
        1,
        (
            "emergency_bell",
            "crime_report",
            "rescue_call",
            "disaster_report",
            "monitoring_alert",
            "missing_person",
            "vehicle",
        ),
    ),
)

DEFAULT_RULES: Rules = {kind: Rule(kind, category, severity) for category, severity, kinds in _TABLE for kind in kinds}
EMERGENCY_BELL = "emergency_bell"


def may_be_opened(rule_of: Rules, kind: str) -> bool:
    """Say whether an agency may open an incident of this kind: of any but a camera's health, and a bell is pressed, not called in."""
    return kind in rule_of and rule_of[kind].category != "health" and kind != EMERGENCY_BELL
