"""What stands in each register: its columns, in Korean and English, and the cells that a ledger entry makes, if it makes any."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, get_args

from sharing_hub.domain import district
from sharing_hub.services import register_words

Letter = Literal["a", "b", "c"]
LETTERS: tuple[str, ...] = get_args(Letter)
KOREA = timezone(timedelta(hours=9))
"""Korean time has had no summer time since 1988."""
_PROVISION = "provision"
_MACHINES = ("hub", "agent")
_ITEMS = "개인영상정보 (personal video)"
_SAFEGUARDS = "열람만 허용, 저장·재제공 금지 (looked at only: not to be kept or passed on)"

Cells = tuple[str, ...]
Values = Mapping[str, Any]
Names = Mapping[str, str]
"""What agencies are called, by id."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A register's form.

    Attributes:
        cells: returns the cells of an entry that belongs into the register, else None.
    """

    title: tuple[str, str]
    columns: tuple[tuple[str, str], ...]
    cells: Callable[[Values, Names], Cells | None]


def _provided(values: Values, names: Names) -> Cells | None:
    handed_out = values["action"] == _PROVISION
    if not handed_out and not _is_agencys_look(values):
        return None
    details = values["details"]
    return (
        _text(details.get("file")) if handed_out else _file(values),
        _recipient(values, names),
        _text(values["purpose"]),
        _text(values["legal_basis"]),
        _text(details.get("items")) if handed_out else _ITEMS,
        _time(values["at"]),
        _text(details.get("form")) if handed_out else _words(values),
        _text(details.get("safeguards")) if handed_out else _SAFEGUARDS,
    )


def _video(values: Values, names: Names) -> Cells | None:
    area, _, action = values["action"].partition(".")
    destroyed, provided = values["action"] == "media.deleted", values["action"] == _PROVISION
    if area == "look" and values["decision"] == "permit":
        provided = _is_agencys_look(values)
        kind = "제공" if provided else "이용" if action == "request" else "열람"
    elif destroyed or provided:
        kind = "파기" if destroyed else "제공"
    else:
        return None
    details, at, person = values["details"], _time(values["at"]), _person(values)
    form = details.get("form") if destroyed else action
    return (
        kind,
        "" if destroyed else at,
        _file(values),
        register_words.FORMS.get(str(form), _text(form)),
        "" if destroyed else person,
        _purpose(values),
        _recipient(values, names) if provided else "",
        _text(values["legal_basis"]),
        (_text(details.get("form")) or _words(values)) if provided else "",
        _text(details.get("period")),
        at if destroyed else "",
        person if destroyed else "",
    )


def _is_agencys_look(values: Values) -> bool:
    """Say whether another agency was let look: showing is providing (PIPA articles 17 and 18)."""
    agency_id = values["details"].get("agency_id")
    looked = values["action"].startswith("look.") and values["decision"] == "permit"
    return looked and agency_id not in (None, district.OWNER)


def _recipient(values: Values, names: Names) -> str:
    details = values["details"]
    agency_id = _text(details.get("agency_id"))
    return _text(details.get("recipient")) or names.get(agency_id, agency_id)


def _file(values: Values) -> str:
    return f"{values['camera_id'] or ''} / {values['subject']['id']}"


def _words(values: Values) -> str:
    return register_words.DONE.get(values["action"], _text(values["action"]))


def _purpose(values: Values) -> str:
    """Return what somebody wrote, and the code of the purpose."""
    why, purpose = _text(values["why"]), _text(values["purpose"])
    return f"{why} ({purpose})" if why and purpose else purpose or why


def _access(values: Values, _: Names) -> Cells | None:
    actor, subject = values["actor"], values["subject"]
    if actor["kind"] in _MACHINES:
        return None
    decided = {"permit": "허용", "deny": "거부"}.get(str(values["decision"]), "")
    done = register_words.DONE.get(values["action"], "")
    return (
        _time(values["at"]),
        _person(values),
        _text(actor["id"]),
        _text(values["source_address"]),
        f"{subject['kind']} {values['details'].get('name') or subject['id']}",
        _text(values["camera_id"]),
        f"{done} ({values['action']})".strip(),
        decided,
        _text(values["why"]),
        _text(values["incident_id"]),
        str(values["index"]),
    )


def _person(values: Values) -> str:
    actor = values["actor"]
    return f"{actor['name']} ({actor['role']})" if actor["role"] else str(actor["name"])


def _time(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(KOREA).strftime("%Y-%m-%d %H:%M:%S")


def _text(value: object) -> str:
    return "" if value is None else str(value)


KINDS: Mapping[str, Kind] = {
    "a": Kind(
        ("개인정보의 목적 외 이용 및 제3자 제공 대장", "Register of provision to third parties"),
        (
            ("개인정보파일의 명칭", "file name"),
            ("제공받는 기관", "recipient"),
            ("이용·제공 목적", "purpose"),
            ("이용·제공의 법적 근거", "legal basis"),
            ("제공 항목", "items"),
            ("이용·제공 일자(기간)", "date (period)"),
            ("이용·제공의 형태", "form"),
            ("안전조치 요청 사항", "safeguards asked for"),
        ),
        _provided,
    ),
    "b": Kind(
        ("개인영상정보 관리대장", "Register of personal video"),
        (
            ("구분(이용·제공·열람·파기)", "kind"),
            ("일시", "date and time"),
            ("파일명", "file"),
            ("형태", "form of the file"),
            ("담당자", "person in charge"),
            ("목적·사유", "purpose"),
            ("이용·제공받는 제3자", "third party"),
            ("이용·제공 근거", "basis"),
            ("이용·제공 형태", "form"),
            ("기간", "period"),
            ("파기 일시", "destroyed at"),
            ("파기 담당자", "destroyed by"),
        ),
        _video,
    ),
    "c": Kind(
        ("개인정보처리시스템 접속기록", "Access record"),
        (
            ("접속일시", "date and time"),
            ("접속자", "who"),
            ("식별자", "account"),
            ("접속지 정보", "from where"),
            ("처리한 정보", "whose data"),
            ("카메라", "camera"),
            ("수행업무", "what was done"),
            ("결과", "decision"),
            ("사유", "reason"),
            ("사건", "incident"),
            ("원장 번호", "ledger entry"),
        ),
        _access,
    ),
}
