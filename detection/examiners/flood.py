"""Flood: reads how far water covers each zone that is marked dry. It needs no model, only the picture under the zone, twice a second."""

from detection import experts, profile, types, waterline
from detection.types import Kind

_INTERVAL_S = 0.5
_SEEN_WITHIN_S = 5.0
"""What stands in a zone and does not move is looked for every few seconds only."""
_MARGIN = 0.15


class FloodExaminer:
    """Reads the flood zones of one camera."""

    task = ""
    kinds = frozenset({Kind.FLOOD})
    urgent = False

    def __init__(self, wanted: profile.CameraProfile) -> None:
        self._lines = [(rule.name, waterline.Waterline(rule.points)) for rule in wanted.rules(Kind.FLOOD)]
        self._read_s = float("-inf")

    def examine(
        self, look: types.Look, tracks: tuple[types.Track, ...], ask: experts.Ask
    ) -> tuple[types.Evidence, ...]:
        """Take in one look; return for each zone "covered/NAME", "front/NAME", "structure/NAME" and "judged/NAME"."""
        now_s = look.frame.time_s
        if 0 <= now_s - self._read_s < _INTERVAL_S - 0.05:
            return ()
        self._read_s = now_s
        hidden = [_widened(track.box) for track in tracks if now_s - track.last_seen_s <= _SEEN_WITHIN_S]
        found = []
        for name, line in self._lines:
            reading = line.look(look.frame, hidden)
            if reading is None:
                continue
            values = (
                (f"covered/{name}", reading.covered), (f"front/{name}", reading.front),
                (f"structure/{name}", reading.structure), (f"judged/{name}", reading.judged),
            )  # fmt: skip
            found.append(types.Evidence(Kind.FLOOD, reading.covered * reading.front, values=values))
        return tuple(found)


def _widened(box: types.Box) -> types.Box:
    """Return the box with room for the object's shadow and wheels."""
    x1, y1, x2, y2 = box
    x, y = _MARGIN * (x2 - x1), _MARGIN * (y2 - y1)
    return x1 - x, y1 - y, x2 + x, y2 + y
