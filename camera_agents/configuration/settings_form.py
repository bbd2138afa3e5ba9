"""The configuration file's form: every table and key with its type, bounds, default and meaning. The reference is made from it.

The tables that steer detection take their keys, defaults and words from detection's own settings, so there is one place for each.
"""

import dataclasses
import re
from typing import Annotated, Any, Literal

import pydantic
from pydantic import ConfigDict, Field

from detection import fire_thresholds, profile, thresholds, types, weapon_thresholds
from detection import settings as tuning
from detection.profile import Direction
from sharing_hub.wire import v1

TUNING: dict[str, type[Any]] = {
    "schedule": tuning.ScheduleSettings,
    "motion": tuning.MotionSettings,
    "regions": tuning.RegionSettings,
    "detector": tuning.DetectorSettings,
    "tracker": tuning.TrackerSettings,
    "behaviour": thresholds.BehaviourThresholds,
    "falls": thresholds.FallThresholds,
    "objects": thresholds.ObjectThresholds,
    "health": thresholds.HealthThresholds,
    "traffic": thresholds.TrafficThresholds,
    "flood": thresholds.FloodThresholds,
    "shake": thresholds.ShakeThresholds,
    "collapse": thresholds.CollapseThresholds,
    "fight": thresholds.FightThresholds,
    "fire": fire_thresholds.FireThresholds,
    "weapon": weapon_thresholds.WeaponThresholds,
    "budget": tuning.BudgetSettings,
}

ClassName = Literal["person", "bicycle", "car", "motorcycle", "bus", "truck"]
Point = Annotated[tuple[float, float], Field(description="x and y, 0 to 1 of the picture")]


class Table(pydantic.BaseModel):
    """A table of the file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class AgentTable(Table):
    """[agent]: who this agent is and where it keeps its state."""

    site: Annotated[v1.Name, Field(description="name of the place, as operators know it")]
    state_dir: Annotated[
        str, Field(min_length=1, description="folder for identity, outbox, media and recordings; relative to this file")
    ]
    time_zone: Annotated[
        str, Field(description="in which hours of the week are meant, such as Asia/Seoul; empty = the machine's own")
    ] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="least level that is logged")
    ] = "info"


class HubTable(Table):
    """[hub]: how the agent talks to its hub. The hub's address comes from enrolment."""

    heartbeat_s: Annotated[float, Field(ge=1, le=60, description="seconds between heartbeats")] = 10.0


class DiskTable(Table):
    """[disk]: what happens as the disk fills."""

    warn_free_gib: Annotated[float, Field(ge=0, description="less free than this is told to the operators")] = 4.0
    min_free_gib: Annotated[float, Field(ge=0, description="less free than this: the oldest recordings leave")] = 2.0
    stop_free_gib: Annotated[
        float, Field(ge=0, description="less free than this: nothing is recorded, so that alarms can still be kept")
    ] = 0.5


class ClipTable(Table):
    """[clip]: how much of the time around an event its clip holds."""

    before_s: Annotated[float, Field(ge=0, le=120, description="seconds before the event was raised")] = 10.0
    after_s: Annotated[float, Field(ge=1, le=300, description="seconds after it")] = 20.0


class DetectorTable(Table):
    """[detector]: which model looks."""

    model: Annotated[str, Field(description='name in the models\' manifest; "" = no detector, only camera health')] = (
        "nanodet"
    )
    models_dir: Annotated[
        str, Field(description="folder of models with their manifest; empty = those of the program")
    ] = ""
    workers: Annotated[int, Field(ge=0, le=64, description="detector sessions, one thread each; 0 = one per core")] = 0


class RecordingTable(Table):
    """[camera.recording]: what is kept on the agent's disk."""

    on: Annotated[
        bool, Field(description="false where another system records: only two minutes are kept, for clips")
    ] = True
    days: Annotated[float, Field(gt=0, le=3650, description="days kept")] = 30.0
    max_gib: Annotated[float, Field(gt=0, description="most that is kept of this camera")] = 500.0


class CalibrationTable(Table):
    """[camera.calibration]: four points of the ground with known distances: a rectangle such as a stretch of a lane; what is counted in metres (speed) needs it."""

    points: Annotated[
        tuple[Point, ...],
        Field(max_length=64, description="corners of the rectangle, in order around it, where they touch the ground"),
    ]
    width_m: Annotated[float, Field(description="metres from the first corner to the second, 0.5 to 1000")]
    length_m: Annotated[float, Field(description="metres from the second corner to the third, 0.5 to 1000")]


class ZoneTable(Table):
    """[[camera.zone]]: where something is not wanted."""

    name: Annotated[str, Field(description="what operators call it; unique for the camera")]
    kind: Annotated[
        types.Kind,
        Field(description=f"what is watched for in it: {', '.join(sorted(profile.ZONE_KINDS))}"),
    ]
    points: Annotated[
        tuple[Point, ...],
        Field(
            max_length=64,
            description="polygon of three points or more; for line_crossing a line of two; for wrong_way two points in the allowed direction",
        ),
    ] = ()
    classes: Annotated[
        tuple[ClassName, ...] | None, Field(description="objects it is about; the kind has a default")
    ] = None
    dwell_s: Annotated[float | None, Field(description="how long it must last; the kind has a default")] = None
    direction: Annotated[Direction | None, Field(description="line_crossing: which crossings count")] = None
    min_count: Annotated[
        int | None,
        Field(description="crowd: people from which it is one; congestion: vehicles held up from which it is"),
    ] = None
    area: Annotated[
        tuple[Point, ...], Field(max_length=64, description="wrong_way: polygon in which the direction holds")
    ] = ()
    parked_counts: Annotated[bool, Field(description="stopped_vehicle: also those never seen to move")] = False
    min_height: Annotated[
        float, Field(description="objects less tall than this share of the picture's height are left out")
    ] = 0.0
    active: Annotated[
        tuple[str, ...] | None,
        Field(description='when in the week it is on, such as ["mon-fri 22:00-06:00", "sat-sun 00:00-24:00"]; always'),
    ] = None
    crossing: Annotated[
        tuple[Point, ...], Field(max_length=64, description="pedestrian_on_road: polygon in which people may cross")
    ] = ()
    limit_kmh: Annotated[
        float | None, Field(description="speeding, which needs it: the speed that may be driven, km/h")
    ] = None


def _words(kind: type[Any]) -> dict[str, str]:
    """Return the meaning of each field as the class's docstring has it."""
    text = re.sub(r"\s+", " ", (kind.__doc__ or "").partition("Attributes:")[2])
    names = [f.name for f in dataclasses.fields(kind)]
    found: dict[str, str] = {}
    for entry in re.split(
        rf"(?=(?<![\w, ])\s?(?:{'|'.join(names)})(?:, \w+)*: )|(?<=[.;]) (?=(?:{'|'.join(names)})(?:, \w+)*: )", text
    ):
        heads, colon, meaning = entry.strip().partition(": ")
        if colon:
            found.update({name.strip(): meaning.strip() for name in heads.split(",")})
    return found


def _tuning_table(name: str, kind: type[Any]) -> type[Table]:
    words = _words(kind)
    fields: dict[str, Any] = {
        f.name: (Annotated[f.type, Field(description=words.get(f.name, ""))], f.default)
        for f in dataclasses.fields(kind)
    }
    doc = f"[camera.{name}]: {(kind.__doc__ or '').strip().splitlines()[0]}"
    return pydantic.create_model(f"{name.title()}Table", __base__=Table, __doc__=doc, **fields)


TUNING_TABLES: dict[str, type[Table]] = {name: _tuning_table(name, kind) for name, kind in TUNING.items()}


class CameraTable(Table):
    """[[camera]]: one camera; write the table once for each."""

    id: Annotated[v1.CameraId, Field(description="its id everywhere: a-z, 0-9, - and _; never change it")]
    name: Annotated[v1.Name, Field(description="what operators read")]
    url: Annotated[
        pydantic.SecretStr,
        Field(description="rtsp:// or rtsps:// address of the main stream; ${NAME} is taken from the environment"),
    ]
    sub_url: Annotated[
        pydantic.SecretStr | None, Field(description="address of the small stream, for cameras with rare key frames")
    ] = None
    user: Annotated[str, Field(description="user, if not in the address; ${NAME} as above")] = ""
    password: Annotated[pydantic.SecretStr | None, Field(description="password; better ${NAME} or password_file")] = (
        None
    )
    password_file: Annotated[str, Field(description="file that holds the password alone")] = ""
    transport: Annotated[Literal["tcp", "udp"], Field(description="how the video comes")] = "tcp"
    tls_ca: Annotated[
        str, Field(description="PEM file to check an rtsps camera's certificate with; empty = the system's")
    ] = ""
    tls_verify: Annotated[bool, Field(description="false takes any certificate of an rtsps camera")] = True
    latitude: Annotated[float | None, Field(ge=-90, le=90, description="WGS 84 degrees")] = None
    longitude: Annotated[float | None, Field(ge=-180, le=180, description="WGS 84 degrees")] = None
    kinds: Annotated[
        tuple[types.Kind, ...] | None,
        Field(description="what it is watched for; default: the kinds of its zones and every kind that needs none"),
    ] = None
    kinds_off: Annotated[
        tuple[types.Kind, ...], Field(description="kinds that are not watched for though they would be by default")
    ] = ()
    active: Annotated[
        dict[types.Kind, tuple[str, ...]],
        Field(
            default_factory=dict,
            description='kinds that are on at some hours of the week only: kind = ["mon-fri 22:00-06:00", ...]; a span to an hour not later than its beginning ends on the next day',
        ),
    ]
    recording: RecordingTable = RecordingTable()
    calibration: CalibrationTable | None = None
    zone: Annotated[tuple[ZoneTable, ...], Field(max_length=64)] = ()
