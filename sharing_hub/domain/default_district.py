"""The book that a new hub begins with: the default matrix, lists and limits. A district's privacy officer changes it; no code depends on a row of it."""

from sharing_hub.domain.district import Agency, District, LegalBasis, Notice, OwnUse, Purpose

CAMERA_PURPOSES = ("crime_prevention", "facility_safety", "traffic_enforcement", "traffic_information")
"""Purposes for which a camera may be installed in public (PIPA article 25)."""

_AGENCIES = (
    Agency("district", "district", "구청 통합관제센터", "District control centre"),
    Agency("police-112", "police", "경찰 112 상황실", "Police 112 control"),
    Agency("fire-119", "fire", "소방 119 상황실", "Fire 119 control"),
    Agency("disaster-room", "disaster", "재난안전상황실", "Disaster room"),
    Agency("traffic-centre", "traffic", "교통정보센터", "Traffic centre"),
    Agency("facility", "facility", "시설·문화재 관리소", "Facility and heritage office"),
    Agency("cleaning", "cleaning", "청소행정과", "Cleaning department"),
    Agency("justice", "justice", "법무부 위치추적관제센터", "Justice ministry's monitoring centre"),
)
_ANY: tuple[str, ...] = ()
_PURPOSES = (
    Purpose("emergency_response", "긴급 대응", "Emergency response", _ANY),
    Purpose("crime_response", "범죄 대응·수사", "Crime response and investigation", ("crime_prevention", "facility_safety")),
    Purpose("facility_safety", "시설 안전·화재 예방", "Facility safety and fire prevention", ("crime_prevention", "facility_safety")),
    Purpose("traffic_management", "교통 관리", "Traffic management", ("traffic_enforcement", "traffic_information")),
    Purpose("missing_person", "실종자 수색", "Search for a missing person", _ANY),
    Purpose("disaster_response", "재난 대응", "Disaster response", _ANY),
    Purpose("waste_enforcement", "무단투기 대응", "Illegal dumping", ("crime_prevention", "facility_safety"), "people_and_plates"),
    Purpose("system_operation", "시스템 운영·점검", "Operation of the system", _ANY),
    Purpose("citizen_copy", "정보주체 열람", "A person's own recordings", _ANY, "people_and_plates"),
    Purpose("training", "교육", "Training", _ANY, "people_and_plates"),
    Purpose("demonstration", "시연", "Demonstration", _ANY, "people_and_plates"),
    Purpose("statistics", "통계", "Statistics", _ANY, "people_and_plates"),
    Purpose("press", "보도", "Press", _ANY, "people_and_plates"),
)  # fmt: skip
_LEGAL_BASES = (
    LegalBasis("17-1-2", "개인정보 보호법 제17조제1항제2호", "PIPA 17(1)2: provision within the purpose of collection"),
    LegalBasis("18-2-1", "제18조제2항제1호 (동의)", "PIPA 18(2)1: separate consent"),
    LegalBasis("18-2-2", "제18조제2항제2호 (다른 법률)", "PIPA 18(2)2: special provision of another law"),
    LegalBasis("18-2-3", "제18조제2항제3호 (급박한 생명·신체·재산)", "PIPA 18(2)3: urgent, for life, body or property"),
    LegalBasis("18-2-5", "제18조제2항제5호 (보호위원회 심의·의결)", "PIPA 18(2)5: resolution of the commission"),
    LegalBasis("18-2-6", "제18조제2항제6호 (조약)", "PIPA 18(2)6: treaty"),
    LegalBasis("18-2-7", "제18조제2항제7호 (수사)", "PIPA 18(2)7: investigation", needs_letter=True),
    LegalBasis("18-2-8", "제18조제2항제8호 (재판)", "PIPA 18(2)8: court proceedings", needs_letter=True),
    LegalBasis("18-2-9", "제18조제2항제9호 (형 집행)", "PIPA 18(2)9: execution of a sentence", needs_letter=True),
    LegalBasis("18-2-10", "제18조제2항제10호 (공중위생 등 급박한 안전)", "PIPA 18(2)10: urgent public safety"),
    LegalBasis("25-1", "제25조제1항 (설치 목적 내 이용)", "PIPA 25(1): use within the purpose of installation"),
    LegalBasis("35", "제35조 (열람)", "PIPA 35: a person's own data"),
)


def _row(kind: str, *cells: Notice) -> tuple[Notice, ...]:
    return tuple(Notice(kind, c.agency_id, c.when, c.media, c.purpose, c.legal_basis) for c in cells)


_P, _F, _D, _T = "police-112", "fire-119", "disaster-room", "traffic-centre"


def _copy(agency_id: str) -> Notice:
    return Notice("", agency_id, "copy")


def _confirmed(agency_id: str, purpose: str = "emergency_response") -> Notice:
    return Notice("", agency_id, "confirmed", "still_and_live", purpose)


def _opened(agency_id: str, purpose: str = "emergency_response", legal_basis: str = "18-2-3") -> Notice:
    return Notice("", agency_id, "opened", "still_and_live", purpose, legal_basis)


def _traffic(media: str = "still") -> Notice:
    return Notice("", _T, "auto", "still" if media == "still" else "none", "traffic_management", "17-1-2")


_MATRIX = (
    *_row("fire", _copy(_P), _confirmed(_F), _copy(_D)),
    *_row("smoke", _copy(_P), _confirmed(_F), _copy(_D)),
    *_row("fall", _copy(_P), _confirmed(_F)),
    *_row("fight", _confirmed(_P)),
    *_row("weapon", _confirmed(_P)),
    *_row("intrusion", Notice("", _P, "confirmed", "still", "crime_response", "17-1-2"),
          Notice("", "facility", "auto", "still", "facility_safety", "17-1-2")),
    *_row("abandoned_object", Notice("", _P, "confirmed", "masked_still", "crime_response", "17-1-2"),
          Notice("", "cleaning", "confirmed", "masked_still", "waste_enforcement", "17-1-2")),
    *_row("removed_object", Notice("", _P, "confirmed", "still", "crime_response", "17-1-2")),
    *_row("accident", _confirmed(_P), Notice("", _T, "confirmed", "still_and_live", "traffic_management", "17-1-2")),
    # The plate goes to the traffic centre only.
    *_row("wrong_way", Notice("", _P, "confirmed", "masked_still"), _traffic()),
    *_row("stopped_vehicle", _traffic()),
    *_row("illegal_parking", _traffic()),
    *_row("congestion", _traffic()),
    *_row("pedestrian_on_road", Notice("", _P, "confirmed", "still"), _traffic()),
    *_row("crowd", _confirmed(_P), _confirmed(_F), Notice("", _D, "auto", "still_and_live", "disaster_response", "18-2-10")),
    *_row("flood", _copy(_P), _confirmed(_F), Notice("", _D, "auto", "still", "disaster_response", "18-2-10")),
    *_row("collapse", _confirmed(_F), Notice("", _D, "confirmed", "still_and_live", "disaster_response", "18-2-10")),
    *_row("emergency_bell", Notice("", _P, "auto", "still_and_live")),
    # Kinds that an agency opens itself: the cell of the agency that opened it says what it gets.
    *_row("crime_report", _opened(_P)),
    *_row("rescue_call", _opened(_F)),
    *_row("disaster_report", _opened(_D, "disaster_response", "18-2-10")),
    *_row("monitoring_alert", _opened("justice", "emergency_response", "18-2-2")),
    *_row("missing_person", _opened(_P, "missing_person"), _opened(_F, "missing_person")),
    *_row("vehicle", _opened(_P)),
)  # fmt: skip

_OWN_USE = (
    OwnUse("", "crime_response"),
    OwnUse("crime", "crime_response"),
    OwnUse("fire", "facility_safety"),
    OwnUse("traffic", "traffic_management"),
    OwnUse("traffic", "system_operation"),  # whether the alarm is true, on a camera that was not installed for traffic
    OwnUse("disaster", "disaster_response", "18-2-10"),
    OwnUse("health", "system_operation"),
)


def make(name_ko: str = "우리 구", name_en: str = "The district") -> District:
    """Return the first version of a district's book."""
    return District(name_ko, name_en, _AGENCIES, _PURPOSES, _LEGAL_BASES, _MATRIX, CAMERA_PURPOSES, own_use=_OWN_USE)
