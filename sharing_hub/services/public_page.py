"""The public page: which cameras there are, what for, how long pictures are kept, and how often they were shared with whom. Korean first, English beside."""

import html
from collections.abc import Iterable, Mapping, Sequence

from sharing_hub.domain import district, kind_words
from sharing_hub.services import register_forms, statistics

POLICY = register_forms.POLICY
_DONE = {
    "message.written": ("알림", "told"),
    "grant.issued": ("열람 허가", "let look"),
    "request.handed_over": ("영상 제공", "video handed over"),
}
_PURPOSES = {
    "crime_prevention": "범죄 예방·수사",
    "facility_safety": "시설 안전·화재 예방",
    "traffic_enforcement": "교통 단속",
    "traffic_information": "교통 정보",
}
_SUPPRESSED = "5 미만의 수는 누구인지 짐작되지 않도록 가렸습니다. (Counts below five are hidden, and “–” what would give them away.)"


def render(
    book: district.District,
    cameras: Sequence[statistics.PublicCamera],
    months: Sequence[statistics.Figures],
    keep_days: int,
) -> str:
    """Return the page."""
    names = {agency.agency_id: f"{agency.ko} ({agency.en})" for agency in book.agencies}
    parts = [
        f"<h1>{_text(book.name_ko)} 영상정보 운영 현황</h1><p>{_text(book.name_en)}: how the district’s cameras are used</p>",
        f"<p>영상 보관 기간: {keep_days}일 (사건 보존 영상 제외). 녹음하지 않으며, 얼굴 인식을 하지 않습니다. "
        f"Pictures are kept for {keep_days} days unless held for a case. No sound is recorded and no face is recognised.</p>",
        *(_month(figures, names) for figures in months),
        f"<h2>카메라 {len(cameras)}대 (cameras)</h2>",
        _table(
            ("이름", "구역", "관리", "설치 목적 (purpose)"),
            ((c.name, c.area, names.get(c.owner, c.owner), _purposes(c.purposes)) for c in cameras),
        ),
        "<p>본인이 촬영된 영상의 열람은 구청에 청구할 수 있으며 10일 안에 답합니다. "
        "You may ask for recordings of yourself; the district answers within ten days.</p>",
    ]
    return (
        '<!doctype html>\n<html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{_text(book.name_ko)} CCTV</title><style>{register_forms.STYLE}</style></head>\n<body>{''.join(parts)}</body></html>\n"
    )


def _month(figures: statistics.Figures, names: Mapping[str, str]) -> str:
    shared = (
        (names.get(agency_id, agency_id), *(counts[one] for one in _DONE))
        for agency_id, counts in sorted(figures.shared.items())
    )
    looks = ", ".join(
        f"{ko} {figures.looks.get(key, '0')}" for key, ko in (("permit", "허용 (permitted)"), ("deny", "거부 (denied)"))
    )
    return (
        f"<h2>{_text(figures.month)}</h2><h3>기관별 공유 (sharing, by agency)</h3>"
        + _table(("기관 (agency)", *(f"{ko} ({en})" for ko, en in _DONE.values())), shared)
        + f"<p>열람 (looks): {_text(looks)}</p><h3>사건 (incidents): {_text(figures.incidents_total)}</h3>"
        + _table(
            ("종류 (kind)", "건수 (count)"),
            ((kind_words.both(kind), count) for kind, count in figures.incidents.items()),
        )
        + f"<p><small>{_SUPPRESSED}</small></p>"
    )


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{_text(name)}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else "<p>없음 (none)</p>"


def _purposes(codes: Iterable[str]) -> str:
    return ", ".join(_PURPOSES.get(code, code) for code in codes)


def _text(text: str) -> str:
    return html.escape(text, quote=True)
