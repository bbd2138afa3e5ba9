"""What is said on the WebSocket /v1/agent/channel, which the agent opens: commands of the hub, notices of the agent."""

from typing import Annotated, Literal
from uuid import UUID

import pydantic
from pydantic import AwareDatetime, Field

from sharing_hub.wire.values import CameraId, Message, Reason


class LiveStart(Message):
    """Hub to agent: push this camera's access units until LiveStop or the channel ends."""

    type: Literal["live_start"] = "live_start"
    camera_id: CameraId


class LiveStop(Message):
    """Hub to agent: the last viewer left."""

    type: Literal["live_stop"] = "live_stop"
    camera_id: CameraId


class RangeRequest(Message):
    """Hub to agent: upload the recording of this span as one media file with this request id. Repeats are harmless."""

    type: Literal["range_request"] = "range_request"
    request_id: UUID
    camera_id: CameraId
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class LiveState(Message):
    """Agent to hub: whether the camera can be played live, and if not why (in words for the operator)."""

    type: Literal["live_state"] = "live_state"
    camera_id: CameraId
    playable: bool
    reason: Reason = ""


class RangeState(Message):
    """Agent to hub: `accepted` is sent after the request is durable; `refused` is final."""

    type: Literal["range_state"] = "range_state"
    request_id: UUID
    state: Literal["accepted", "refused"]
    reason: Reason = ""


HubCommand = Annotated[LiveStart | LiveStop | RangeRequest, Field(discriminator="type")]
AgentNotice = Annotated[LiveState | RangeState, Field(discriminator="type")]
HUB_COMMAND: pydantic.TypeAdapter[LiveStart | LiveStop | RangeRequest] = pydantic.TypeAdapter(HubCommand)
AGENT_NOTICE: pydantic.TypeAdapter[LiveState | RangeState] = pydantic.TypeAdapter(AgentNotice)
