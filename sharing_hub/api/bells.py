"""Emergency bells: a press becomes an incident at once."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from sharing_hub.api import callers, dependencies, problems
from sharing_hub.domain import inbound, sight
from sharing_hub.services import bells

ROUTER = APIRouter(prefix="/v1/bells", tags=["agencies"], responses=problems.documented(401, 403, 422))
Id = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z._-]+$")]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class Pressed(BaseModel):
    """Which bell, where it stands; `press_id` is the sender's own, so that a repeat is harmless."""

    model_config = ConfigDict(extra="forbid")

    bell_id: Id
    press_id: Id
    latitude: Degrees
    longitude: Degrees
    description: Annotated[str | None, Field(max_length=inbound.MAX_DESCRIPTION_CHARACTERS)] = None


class Rung(BaseModel):
    """The incident that the press belongs to."""

    incident_id: UUID
    state: str


@ROUTER.post("", operation_id="ringBell", status_code=201)
def ring(hub: dependencies.HubHere, viewer: callers.TheCaller, pressed: Pressed) -> Rung:
    """Open an incident of severity 1 for a pressed bell, or count the press to the one that is open."""
    words = inbound.text(pressed.description, inbound.MAX_DESCRIPTION_CHARACTERS)
    place = sight.Point(pressed.latitude, pressed.longitude)
    press = bells.Press(pressed.bell_id, pressed.press_id, place, words)
    with hub.database.writing() as session:
        row = bells.press(session, viewer, press, hub.rules, hub.clock())
        return Rung(incident_id=row.incident_id, state=row.state)
