"""Writes the configuration reference as Markdown, from the form itself, so that no key goes undocumented."""

from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pydantic
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from camera_agents.configuration import settings_form

_PLACES: tuple[tuple[str, type[pydantic.BaseModel]], ...] = (
    ("[agent]", settings_form.AgentTable),
    ("[hub]", settings_form.HubTable),
    ("[disk]", settings_form.DiskTable),
    ("[clip]", settings_form.ClipTable),
    ("[detector]", settings_form.DetectorTable),
    ("[[camera]]", settings_form.CameraTable),
    ("[camera.recording]", settings_form.RecordingTable),
    ("[camera.calibration]", settings_form.CalibrationTable),
    ("[[camera.zone]]", settings_form.ZoneTable),
    *((f"[camera.{name}]", table) for name, table in settings_form.TUNING_TABLES.items()),
)


def markdown() -> str:
    """Return the reference: a heading and a table of keys for each table of the file."""
    return "\n".join(line for place, table in _PLACES for line in _section(place, table))


def _section(place: str, table: type[pydantic.BaseModel]) -> Iterator[str]:
    meaning = (table.__doc__ or "").partition(": ")[2]
    yield f"### `{place}`\n\n{meaning[:1].upper()}{meaning[1:]}\n"
    yield "| key | default | meaning |\n|---|---|---|"
    for name, field in table.model_fields.items():
        if not _is_table(field.annotation):
            yield f"| `{name}` | {_default(field)} | {field.description or ''}{_choices(field.annotation)} |"
    yield ""


def _is_table(annotation: Any) -> bool:
    inner = [annotation, *get_args(annotation)]
    return any(isinstance(kind, type) and issubclass(kind, settings_form.Table) for kind in inner)


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return ""
    if field.default is PydanticUndefined:
        return "needed"
    if field.default is None or field.default in ("", ()):
        return ""
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def _choices(annotation: Any) -> str:
    for kind in (annotation, *get_args(annotation)):
        if get_origin(kind) is not None and str(get_origin(kind)) == "typing.Literal":
            return f" ({', '.join(map(str, get_args(kind)))})"
    return ""
