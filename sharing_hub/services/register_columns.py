"""What stands in each register: its columns, in Korean and English, and the cells that a ledger entry makes, if it makes any."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, get_args

Letter = Literal["a", "b", "c"]
LETTERS: tuple[str, ...] = get_args(Letter)
KOREA = timezone(timedelta(hours=9))
"""Korean time has had no summer time since 1988."""
_PROVISION = "provision"
_MACHINES = ("hub", "agent")
_DONE: Mapping[str, str] = {
    "look.still": "정지영상 열람",
    "look.masked_still": "가림 정지영상 열람",
    "look.clip": "영상 열람",
    "look.range": "녹화영상 열람",
    "look.live": "실시간 열람",
    "look.request": "녹화영상 요청",
    "incident.acknowledge": "사건 확인",
    "incident.confirm": "사건 확정",
    "incident.mark_false": "오경보 처리",
    "incident.reopen": "사건 재개",
    "incident.verify": "사건 사실 확인",
    "incident.resolve": "상황 해소",
    "incident.close": "사건 종결",
    "incident.merge": "사건 병합",
    "incident.absorb": "사건 병합 받음",
    "incident.take": "사건 담당",
    "incident.take_over": "사건 담당 인수",
    "incident.release": "사건 담당 해제",
    "incident.shelve": "사건 보류",
    "incident.unshelve": "사건 보류 해제",
    "incident.open": "기관 사건 개시",
    "incident.update": "기관 사건 변경",
    "incident.end": "기관 사건 종료",
    "incident.accept": "기관 접수",
    "incident.respond": "기관 현장 도착",
    "incident.finish": "기관 조치 완료",
    "incident.report_wrong": "기관 오공유 신고",
    "incident.shared": "사건 공유",
    "incident.share_withdrawn": "사건 공유 철회",
    "handover.signed": "근무 인수인계",
    "operator.signed_in": "로그인",
    "operator.signed_out": "로그아웃",
    "operator.locked_out": "로그인 제한",
    "operator.created": "사용자 등록",
    "operator.disabled": "사용자 정지",
    "operator.password_changed": "비밀번호 변경",
    "operator.password_reset": "비밀번호 초기화",
    "operator.moved": "역할·소속 변경",
    "operator.training_noted": "교육 이수 기록",
    "operator.shift_set": "근무 시작·지정",
    "operator.shift_ended": "근무 종료",
    "invitation.made": "사용자 초대",
    "invitation.withdrawn": "초대 취소",
    "passkey.added": "패스키 등록",
    "passkey.confirmed": "패스키 확인",
    "passkey.removed": "패스키 삭제",
    "client.added": "기관 시스템 등록",
    "client.key_added": "기관 시스템 키 등록",
    "client.key_retired": "기관 시스템 키 폐기",
    "client.disabled": "기관 시스템 정지",
    "client.signed_in": "기관 시스템 접속",
    "hold.placed": "보존 지정",
    "hold.released": "보존 해제",
    "recording.requested": "녹화영상 요청 접수",
    "media.deleted": "영상 파기",
    "media.chain_contradicted": "녹화 사슬 불일치",
    "agent.token_issued": "에이전트 등록표 발급",
    "agent.revoked": "에이전트 해지",
    "settings.changed": "설정 변경",
    "ledger.exported": "원장 내보내기",
    "register.exported": "대장 내보내기",
    "backup.begun": "백업",
    "backup.restored": "복원",
}
_FORMS: Mapping[str, str] = {
    "still": "정지영상",
    "masked_still": "가림 정지영상",
    "clip": "영상",
    "range": "녹화영상",
    "live": "실시간 영상",
    "request": "녹화영상",
}

Cells = tuple[str, ...]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A register's form.

    Attributes:
        cells: returns the cells of an entry that belongs into the register, else None.
    """

    title: tuple[str, str]
    columns: tuple[tuple[str, str], ...]
    cells: Callable[[Values], Cells | None]


def _provided(values: Values) -> Cells | None:
    if values["action"] != _PROVISION:
        return None
    details = values["details"]
    return (
        _text(details.get("file")),
        _text(details.get("recipient")),
        _text(values["purpose"]),
        _text(values["legal_basis"]),
        _text(details.get("items")),
        _time(values["at"]),
        _text(details.get("form")),
        _text(details.get("safeguards")),
    )


def _video(values: Values) -> Cells | None:
    area, _, action = values["action"].partition(".")
    destroyed = values["action"] == "media.deleted"
    if area == "look" and values["decision"] == "permit":
        kind = "이용" if action == "request" else "열람"
    elif destroyed:
        kind = "파기"
    elif values["action"] == _PROVISION:
        kind = "제공"
    else:
        return None
    details, at, person = values["details"], _time(values["at"]), _person(values)
    form = details.get("form") if destroyed else action
    return (
        kind,
        "" if destroyed else at,
        f"{values['camera_id'] or ''} / {values['subject']['id']}",
        _FORMS.get(str(form), _text(form)),
        "" if destroyed else person,
        _purpose(values),
        _text(details.get("recipient")),
        _text(values["legal_basis"]),
        _text(details.get("form")) if kind == "제공" else "",
        _text(details.get("period")),
        at if destroyed else "",
        person if destroyed else "",
    )


def _purpose(values: Values) -> str:
    """Return what somebody wrote, and the code of the purpose."""
    why, purpose = _text(values["why"]), _text(values["purpose"])
    return f"{why} ({purpose})" if why and purpose else purpose or why


def _access(values: Values) -> Cells | None:
    actor, subject = values["actor"], values["subject"]
    if actor["kind"] in _MACHINES:
        return None
    decided = {"permit": "허용", "deny": "거부"}.get(str(values["decision"]), "")
    done = _DONE.get(values["action"], "")
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
