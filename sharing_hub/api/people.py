"""People: who may log in, for those who manage them; their roles, training, shifts and lost passkeys."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sharing_hub import errors
from sharing_hub.api import callers, dependencies, problems
from sharing_hub.domain import times
from sharing_hub.services import operators, people, views

ROUTER = APIRouter(prefix="/v1/people", tags=["people"], responses=problems.documented(401, 403, 404, 422))
AgencyId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
RoleName = Annotated[str, Field(min_length=1, max_length=20)]
UnitName = Annotated[str, Field(max_length=operators.MAX_UNIT_CHARACTERS)]


class PersonChange(BaseModel):
    """What is to be changed; what is left out stays. `trained_until`: the last day (in Korea) of a valid training, null for none."""

    model_config = ConfigDict(extra="forbid")

    role: RoleName | None = None
    unit: UnitName | None = None
    trained_until: Annotated[date | None, Field(ge=date(1970, 1, 1), lt=date(2100, 1, 1))] = None


class ShiftSpan(BaseModel):
    """From when until when somebody is on duty; both null: off duty now."""

    model_config = ConfigDict(extra="forbid")

    starts_at: AwareDatetime | None
    ends_at: AwareDatetime | None


class Removed(BaseModel):
    """How many passkeys were removed."""

    removed: int


@ROUTER.get("", operation_id="listPeople")
def list_people(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    agency_id: Annotated[AgencyId | None, Query()] = None,
) -> views.Page[people.PersonView]:
    """Return the people whom the caller may read: an agency's lead its own, the district's administrator everybody."""
    with hub.database.reading() as session:
        return views.Page(items=people.listed(session, viewer, hub.clock(), agency_id))


@ROUTER.patch("/{operator_id}", operation_id="changePerson")
def change_person(
    hub: dependencies.HubHere, viewer: callers.TheViewer, operator_id: UUID, change: PersonChange
) -> people.PersonView:
    """Change somebody's role, unit or training."""
    notes_training = "trained_until" in change.model_fields_set
    wanted = people.Change(change.role, change.unit, notes_training, change.trained_until)
    with hub.database.writing() as session:
        return people.change(session, viewer, operator_id, wanted, hub.clock())


@ROUTER.post("/{operator_id}/disable", operation_id="disablePerson", status_code=204, response_class=Response)
def disable_person(hub: dependencies.HubHere, viewer: callers.TheViewer, operator_id: UUID) -> None:
    """Let somebody log in no more; sessions end at once."""
    with hub.database.writing() as session:
        people.disable(session, viewer, operator_id, hub.clock())


@ROUTER.put("/{operator_id}/shift", operation_id="setShift", status_code=204, response_class=Response)
def set_shift(hub: dependencies.HubHere, viewer: callers.TheViewer, operator_id: UUID, shift: ShiftSpan) -> None:
    """Put somebody on duty for a span of time, or off duty."""
    span = _span(shift)
    with hub.database.writing() as session:
        people.set_shift(session, viewer, operator_id, span, hub.clock())


@ROUTER.delete("/{operator_id}/passkeys", operation_id="removePasskeysOfPerson")
def remove_passkeys(hub: dependencies.HubHere, viewer: callers.TheViewer, operator_id: UUID) -> Removed:
    """Remove every passkey of somebody who lost one; sessions end at once."""
    with hub.database.writing() as session:
        return Removed(removed=people.remove_passkeys(session, viewer, operator_id, hub.clock()))


def _span(shift: ShiftSpan) -> tuple[datetime, datetime] | None:
    if shift.starts_at is None and shift.ends_at is None:
        return None
    if shift.starts_at is None or shift.ends_at is None or not times.is_possible(shift.starts_at, shift.ends_at):
        raise errors.Unprocessable("give both starts_at and ends_at, or neither, between the years 1970 and 2100")
    return shift.starts_at, shift.ends_at
