"""Where the demo's cameras stand in a district that exists only here, what they look at, and what they were installed for.

The road with the fire is the middle: within 500 m of it stand more cameras; the river is two kilometres off, so that a grant for the fire does not reach it;
the yard is a school's, which is shared with nobody by itself.
"""

import math
from dataclasses import dataclass

from sharing_hub.domain import district

CENTRE = (37.5705, 126.9920)
_METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Place:
    """A camera's place.

    Attributes:
        east_m, north_m: from the middle.
        heading_deg: where it looks, clockwise from north.
    """

    camera_id: str
    area: str
    east_m: float
    north_m: float
    heading_deg: float
    purposes: tuple[str, ...] = ("crime_prevention",)
    sensitivity: district.Sensitivity = ""

    @property
    def latitude(self) -> float:
        """WGS 84 degrees."""
        return round(CENTRE[0] + self.north_m / _METRES_PER_DEGREE, 6)

    @property
    def longitude(self) -> float:
        """WGS 84 degrees."""
        return round(CENTRE[1] + self.east_m / (_METRES_PER_DEGREE * math.cos(math.radians(CENTRE[0]))), 6)

    def facts(self) -> district.CameraFacts:
        """Return what the district's book says of it."""
        return district.CameraFacts(
            self.camera_id, self.area, purposes=self.purposes, sensitivity=self.sensitivity, heading_deg=self.heading_deg,
            view_angle_deg=70.0, view_range_m=80.0,
        )  # fmt: skip


_ROAD = ("traffic_information", "traffic_enforcement", "crime_prevention")
PLACES = (
    Place("road-day", "중앙로", 0, 0, 0, _ROAD),
    Place("road-dusk", "중앙로", 60, 40, 180, _ROAD),
    Place("road-one-way", "중앙로", -150, 90, 45, _ROAD),
    Place("road-exit", "중앙로", 210, -120, 270, _ROAD),
    Place("vtest", "시청 앞", 90, -260, 20),
    Place("lawn", "시청 앞", 130, -300, 340),
    Place("yard", "초등학교", -320, 180, 90, ("crime_prevention", "facility_safety"), "school"),
    Place("gate", "시청 앞", 40, -330, 0, ("facility_safety",)),
    Place("river", "하천", 1500, 1400, 120, ("facility_safety", "crime_prevention")),
    Place("lens", "시장", -600, -500, 200),
    Place("pole", "시장", -640, -540, 20),
    Place("replayed", "시장", -700, -520, 90),
)


def of(camera_id: str) -> Place | None:
    """Return a camera's place, or None."""
    return next((one for one in PLACES if one.camera_id == camera_id), None)
