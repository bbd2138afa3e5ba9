"""What the rendered people do: position, heading and joint angles for every frame, as plain numbers.

A part is a stretch of time with one way of moving; an act is its parts one after another. The ground truth of the clips
with people follows from the parts' times. Angles are those of `body.Body.pose`.
"""

import math
from dataclasses import dataclass

Turns = dict[str, tuple[float, float, float]]

FPS = 10
STRIDE_M = 1.36  # two steps
HANG_DEG = 36.0  # from the resting pose's spread arms to arms that hang
PIVOT_M = 0.82  # the hips' height over the soles


@dataclass(frozen=True, slots=True)
class Stance:
    """How somebody is at one moment.

    Attributes:
        x_m, y_m: where the feet are; in a fall, where they were.
        heading_deg: 0 looks at the camera (towards -y), 90 to the right of the picture.
        tip_deg: how far the whole body has tipped forwards over its feet.
        roll_deg: how far it has turned about its own length, to the left.
        turns: the joints.
    """

    x_m: float
    y_m: float
    heading_deg: float
    tip_deg: float = 0.0
    roll_deg: float = 0.0
    turns: Turns = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of an act.

    Attributes:
        seconds: how long.
        way: "walk", "stand", or a key of `POSES` into which the body goes.
        to: where the feet are at its end.
        hurry: 1: even; 2: slow at first and ever faster, as a fall.
    """

    seconds: float
    way: str
    to: tuple[float, float]
    hurry: float = 1.0
    heading_deg: float | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What one person does in a clip.

    Attributes:
        name: of its sequence of pictures.
        start: where the feet are first.
        heading_deg: how the person looks there.
        parts: one after another.
        shirt, trousers: linear red, green, blue.
        carries: whether a bag is in the right hand.
        sets_down: the number of the part in which the bag comes to stand; -1: it is carried on.
        place: "yard" or "road".
        from_part: the first part that is rendered; before it another act looks the same.
    """

    name: str
    start: tuple[float, float]
    heading_deg: float
    parts: tuple[Part, ...]
    shirt: tuple[float, float, float]
    trousers: tuple[float, float, float]
    carries: bool = False
    sets_down: int = -1
    place: str = "yard"
    from_part: int = 0

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return sum(part.seconds for part in self.parts)

    def begins_s(self, index: int) -> float:
        """Return when a part begins."""
        return sum(part.seconds for part in self.parts[:index])


_ARMS: Turns = {"upperarm_l": (0.0, HANG_DEG, 0.0), "upperarm_r": (0.0, -HANG_DEG, 0.0)}
_LOW: Turns = {
    "thigh_l": (-88.0, 0.0, 8.0),
    "thigh_r": (-70.0, 0.0, -8.0),
    "calf_l": (105.0, 0.0, 0.0),
    "calf_r": (112.0, 0.0, 0.0),
    "foot_l": (-17.0, 0.0, 0.0),
    "foot_r": (-40.0, 0.0, 0.0),
    "spine_01": (18.0, 0.0, 0.0),
    "spine_02": (14.0, 0.0, 0.0),
}
POSES: dict[str, tuple[float, float, Turns]] = {
    "upright": (0.0, 0.0, _ARMS),
    "stagger": (
        9.0,
        -4.0,
        _ARMS
        | {
            "thigh_l": (-28.0, 0.0, 0.0),
            "calf_l": (34.0, 0.0, 0.0),
            "spine_01": (14.0, 0.0, 0.0),
            "upperarm_r": (-42.0, -16.0, 0.0),
            "upperarm_l": (-30.0, 12.0, 0.0),
        },
    ),
    "down": (
        87.0,
        14.0,
        {
            "upperarm_l": (-152.0, 22.0, 0.0),
            "upperarm_r": (34.0, -34.0, 0.0),
            "lowerarm_r": (30.0, 0.0, 0.0),
            "lowerarm_l": (-20.0, 0.0, 0.0),
            "thigh_l": (-4.0, 0.0, 10.0),
            "calf_l": (14.0, 0.0, 0.0),
            "calf_r": (6.0, 0.0, 0.0),
            "foot_l": (52.0, 0.0, 0.0),
            "foot_r": (52.0, 0.0, 0.0),
            "head": (-12.0, 0.0, 24.0),
        },
    ),
    "crouch": (0.0, 0.0, _LOW | {"upperarm_l": (-34.0, 30.0, 0.0), "upperarm_r": (-44.0, -30.0, 0.0)}),
    "bend": (
        0.0,
        0.0,
        {
            "thigh_l": (-26.0, 0.0, 0.0),
            "thigh_r": (-20.0, 0.0, 0.0),
            "calf_l": (30.0, 0.0, 0.0),
            "calf_r": (30.0, 0.0, 0.0),
            "foot_l": (-8.0, 0.0, 0.0),
            "foot_r": (-10.0, 0.0, 0.0),
            "spine_01": (30.0, 0.0, 0.0),
            "spine_02": (26.0, 0.0, 0.0),
            "upperarm_l": (-50.0, 30.0, 0.0),
            "upperarm_r": (-62.0, -32.0, 0.0),
            "head": (-10.0, 0.0, 0.0),
        },
    ),
    "stoop": (  # low enough for a bag in the hand to stand on the ground
        0.0,
        0.0,
        {
            "thigh_l": (-43.0, 0.0, 0.0),
            "thigh_r": (-37.0, 0.0, 0.0),
            "calf_l": (52.0, 0.0, 0.0),
            "calf_r": (52.0, 0.0, 0.0),
            "foot_l": (-9.0, 0.0, 0.0),
            "foot_r": (-15.0, 0.0, 0.0),
            "spine_01": (37.0, 0.0, 0.0),
            "spine_02": (30.0, 0.0, 0.0),
            "upperarm_l": (-40.0, 30.0, 0.0),
            "upperarm_r": (-55.0, -32.0, 0.0),
            "head": (-14.0, 0.0, 0.0),
        },
    ),
}
_LEFT, _RIGHT = -90.0, 90.0
_GREY_BLUE, _RED, _SAND = (0.10, 0.14, 0.22), (0.30, 0.03, 0.03), (0.34, 0.27, 0.17)
_DARK, _JEANS = (0.03, 0.03, 0.035), (0.05, 0.08, 0.16)

ACTS = (
    Act(
        "falling",
        (-3.6, 6.6),
        _RIGHT,
        (
            Part(2.9, "walk", (-0.55, 6.3)),
            Part(0.35, "stagger", (-0.35, 6.3)),
            Part(0.65, "down", (-0.25, 6.3), hurry=2.0),
            Part(0.4, "down", (-0.25, 6.3)),
        ),
        _RED,
        _JEANS,
    ),
    Act(
        "bending",
        (-3.6, 6.6),
        _RIGHT,
        (
            Part(3.2, "walk", (-0.2, 6.3)),
            Part(1.1, "bend", (-0.1, 6.3)),
            Part(1.0, "bend", (-0.1, 6.3)),
            Part(1.1, "upright", (-0.1, 6.3)),
            Part(0.8, "upright", (-0.1, 6.3)),
            Part(1.5, "crouch", (-0.1, 6.3)),
            Part(3.0, "crouch", (-0.1, 6.3)),
            Part(1.4, "upright", (-0.1, 6.3)),
        ),
        _RED,
        _JEANS,
    ),
    Act(
        "leaving",
        (3.7, 7.2),
        _LEFT,
        (
            Part(2.9, "walk", (0.7, 7.0)),
            Part(0.9, "stoop", (0.6, 7.0)),
            Part(0.4, "stoop", (0.6, 7.0)),
            Part(0.8, "upright", (0.6, 7.0)),
            Part(3.9, "walk", (-4.2, 7.3)),
        ),
        _GREY_BLUE,
        _DARK,
        carries=True,
        sets_down=2,
        from_part=3,
    ),
    Act(
        "carrying",
        (3.7, 7.2),
        _LEFT,
        (
            Part(2.9, "walk", (0.7, 7.0)),
            Part(0.9, "stoop", (0.6, 7.0)),
            Part(0.4, "stoop", (0.6, 7.0)),
            Part(0.8, "upright", (0.6, 7.0)),
            Part(3.9, "walk", (-4.2, 7.3)),
        ),
        _GREY_BLUE,
        _DARK,
        carries=True,
    ),
    Act("crossing", (6.4, 17.0), _LEFT, (Part(10.4, "walk", (-6.4, 17.6)),), _SAND, _JEANS, place="road"),
)


def find(name: str) -> Act:
    """Return the act of that name.

    Raises:
        KeyError: There is none.
    """
    return {act.name: act for act in ACTS}[name]


def rendered_frames(act: Act) -> list[int]:
    """Return the frames that are rendered: those in which something has changed since the one before."""
    first = round(act.begins_s(act.from_part) * FPS)
    frames = range(first, round(act.seconds * FPS) + 1)
    return [i for i in frames if i == first or stance(act, i / FPS) != stance(act, (i - 1) / FPS)]


def stance(act: Act, at_s: float) -> Stance:
    """Return how the person is at a time since the act began; before and after it as at its ends."""
    at, heading = act.start, act.heading_deg
    before: tuple[float, float, Turns] = POSES["upright"]
    left = max(0.0, at_s)
    for part in act.parts:
        share = min(1.0, left / part.seconds)
        x, y = (a + (b - a) * share for a, b in zip(at, part.to, strict=True))
        after = POSES["upright"] if part.way == "walk" else POSES[part.way]
        if left <= part.seconds or part is act.parts[-1]:
            if part.way == "walk":
                walked = share * math.dist(at, part.to)
                blend = min(1.0, left / 0.4, max(0.0, part.seconds - left) / 0.4 + 0.15)
                return Stance(x, y, heading, 0.0, 0.0, _mix(before[2], _step(walked, act.carries), blend))
            eased = share**part.hurry if part.hurry > 1.0 else share * share * (3.0 - 2.0 * share)
            tip, roll = (a + (b - a) * eased for a, b in zip(before[:2], after[:2], strict=True))
            return Stance(x, y, heading, tip, roll, _mix(before[2], after[2], eased))
        left -= part.seconds
        at, before = part.to, after
    raise AssertionError(f"{act.name} has no part")


def _step(walked_m: float, one_arm: bool) -> Turns:
    phase = 2.0 * math.pi * walked_m / STRIDE_M
    turns: Turns = {"spine_02": (3.0, 0.0, 0.0)}
    for side, shift, sign in (("l", 0.0, 1.0), ("r", math.pi, -1.0)):
        here = phase + shift
        lifted = max(0.0, math.cos(here + 0.45))
        turns[f"thigh_{side}"] = (-26.0 * math.sin(here) - 4.0 - 10.0 * lifted, 0.0, 0.0)
        turns[f"calf_{side}"] = (7.0 + 52.0 * lifted * lifted, 0.0, 0.0)
        turns[f"foot_{side}"] = (12.0 * math.sin(here) - 6.0, 0.0, 0.0)
        swing = 0.0 if one_arm and side == "r" else 24.0 * math.sin(here)
        turns[f"upperarm_{side}"] = (swing, sign * HANG_DEG, 0.0)
        turns[f"lowerarm_{side}"] = (12.0, 0.0, 0.0)
    return turns


def _mix(a: Turns, b: Turns, share: float) -> Turns:
    rest = (0.0, 0.0, 0.0)
    return {
        name: tuple(p + (q - p) * share for p, q in zip(a.get(name, rest), b.get(name, rest), strict=True))  # type: ignore[misc]
        for name in a.keys() | b.keys()
    }
