"""What one hub says at another: each is an agency of the other, and a case of one is an incident of the other.

Invariants: an incident goes up only once it is real; what comes back about a case of one's own is a mark (accepted, arrived, finished), never a case of its
own, so that nothing said by one hub returns to it as news.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sharing_hub.domain import inbound, incidents

Mark = Literal["accept", "arrived", "finished"]
AGENCY_CLASS = "jikimi"
"""What the other hub reads as the class of the case."""
MAX_CAMERA_CHARACTERS = 63
_MARKS: dict[str, Mark] = {
    "acknowledged": "accept", "verifying": "accept", "confirmed": "accept", "notified": "accept", "accepted": "accept",
    "responding": "arrived", "resolved": "finished", "closed": "finished",
}  # fmt: skip
_UUID_CHARACTERS = 36


@dataclass(frozen=True, slots=True)
class Told:
    """What a message to another hub says, as far as it matters there.

    Attributes:
        incident_id: of the hub that tells.
        number: rises with each message about the incident to the other hub.
        place: latitude and longitude in degrees of WGS 84; None: nobody knows.
        own_case: the case number that the other hub gave it, where it is one of the other hub's.
    """

    incident_id: UUID
    number: int
    occasion: str
    kind: str
    severity: int
    state: str
    place: tuple[float, float] | None
    own_case: str | None
    description: str

    @property
    def is_over(self) -> bool:
        """Say whether there is nothing more to do there."""
        return self.occasion == "cancel" or self.state in incidents.OVER_STATES


def read(body: bytes) -> Told:
    """Return what a message (a CloudEvent of ours) says.

    Raises:
        ValueError: it is none.
    """
    try:
        event = json.loads(body)
        said = event["data"]
        at = said["place"]
        return Told(
            incident_id=UUID(said["incident_id"]),
            number=int(said["number"]),
            occasion={"opened": "opened", "updated": "update", "cancelled": "cancel"}[event["type"].rpartition(".")[2]],
            kind=said["kind"],
            severity=int(said["severity"]),
            state=said["state"],
            place=None if at is None else (float(at["latitude"]), float(at["longitude"])),
            own_case=said["case_number"],
            description=_description(said),
        )
    except (KeyError, TypeError, AttributeError) as e:
        raise ValueError(f"no message of an incident: {e!r}") from e


def mark_of(state: str) -> Mark | None:
    """Return what the hub that a case came from is told of its state here; None: nothing."""
    return _MARKS.get(state)


def case_of(incident_id: UUID, number: int | None = None) -> str:
    """Return the number under which an incident is a case at the other hub; shared anew after its end there, it is another case."""
    return str(incident_id) if number is None else f"{incident_id}-{number}"


def incident_of(case_number: str | None) -> UUID | None:
    """Return the other hub's incident that a case number of its own names; None: it names none."""
    try:
        return UUID((case_number or "")[:_UUID_CHARACTERS])
    except ValueError:
        return None


def is_case_of(incident_id: UUID, case_number: str | None) -> bool:
    """Say whether a case at the other hub is about this incident."""
    return incident_of(case_number) == incident_id


def camera_here(agency_id: str, camera_id: str) -> str:
    """Return how another hub's camera is named in this hub's records.

    Raises:
        ValueError: the names are too long together.
    """
    name = f"{agency_id}:{camera_id}"
    if len(name) > MAX_CAMERA_CHARACTERS:
        raise ValueError(
            f"the camera's name with its hub's is longer than {MAX_CAMERA_CHARACTERS} characters: {name[:80]}"
        )
    return name


def _description(said: dict[str, Any]) -> str:
    camera = (said["camera"] or {}).get("name") or ""
    words = f"{camera}: {said['kind']}" if camera else str(said["kind"])
    return f"{words} ({said['state']}, 알람 alarms {said['alarm_count']})"[: inbound.MAX_DESCRIPTION_CHARACTERS]
