"""The five-service message form as a second door to the same service: what `/v1/agency/incidents` does, for systems that cannot speak JSON."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import agency_incidents as doors
from sharing_hub.api import callers, dependencies, problems
from sharing_hub.domain import inbound, viewers
from sharing_hub.gateway import five_service
from sharing_hub.services import agency_incidents

ROUTER = APIRouter(prefix="/v1/agency", tags=["agencies"], responses=problems.documented(401, 403, 404, 409, 422))
_BODY = {"requestBody": {"required": True, "content": {"text/plain": {"schema": {"type": "string", "maxLength": five_service.MAX_BYTES}}}}}  # fmt: skip


@ROUTER.post("/five-service", operation_id="sendFiveServiceMessage", openapi_extra=_BODY, response_class=Response)
async def send(hub: dependencies.HubHere, viewer: callers.TheCaller, request: Request) -> Response:
    """Take one message (form: see the gateway's documentation). The answer is `OK|CASE|INCIDENT|CAMERA,CAMERA,…|GRANT'S END`, in the message's encoding."""
    doors.require_partner(viewer)
    encoding = _encoding(request.headers.get("content-type", ""))
    try:
        message = five_service.parse(await request.body(), encoding)
    except five_service.Malformed as e:
        raise errors.Unprocessable(str(e)) from e
    if message.agency_id != viewer.agency_id:
        raise errors.Refused("AGENCY: not that of whoever sent it")
    text = await run_in_threadpool(_take, hub, viewer, message)
    return Response(text.encode(encoding), media_type=f"text/plain; charset={encoding}")


def _take(hub: hubs.Hub, viewer: viewers.Viewer, message: five_service.Message) -> str:
    now = hub.clock()
    with hub.database.writing() as session:
        if message.type == "END":
            row = agency_incidents.end_case(session, viewer, message.case_number, message.text, now)
            return f"OK|{message.case_number}|{row.incident_id}||"
        if message.type == "UPDATE":
            case = agency_incidents.update_case(session, viewer, message.case_number, message.place, message.text, now)
        else:
            case = agency_incidents.open_case(session, viewer, _call(message), hub.rules, now)
        cameras = ",".join(sorted(case.grant.camera_ids)) if case.grant else ""
        until = case.grant.ends_at.isoformat(timespec="seconds") if case.grant else ""
        return f"OK|{message.case_number}|{case.incident.incident_id}|{cameras}|{until}"


def _call(message: five_service.Message) -> inbound.Call:
    assert message.place is not None  # noqa: S101 - an opening has one, the parser saw to it
    return inbound.Call(message.case_number, message.place, message.kind, message.agency_class, message.text)


def _encoding(content_type: str) -> Literal["utf-8", "euc-kr"]:
    """Return the encoding that the header names; UTF-8 where it names none.

    Raises:
        Unprocessable: it is another type or encoding.
    """
    kind, _, rest = content_type.lower().partition(";")
    charset = rest.partition("charset=")[2].strip().strip('"') or "utf-8"
    if kind.strip() != "text/plain" or charset not in ("utf-8", "euc-kr"):
        raise errors.Unprocessable("Content-Type: text/plain; charset=utf-8 or euc-kr")
    return "euc-kr" if charset == "euc-kr" else "utf-8"
