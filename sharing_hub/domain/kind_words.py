"""The words of each kind of event, Korean first: what pages, registers and the public read. Codes are for programs."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "fire": ("화재", "Fire"),
    "smoke": ("연기", "Smoke"),
    "fight": ("싸움", "Fight"),
    "fall": ("쓰러짐", "Fall"),
    "weapon": ("흉기", "Weapon"),
    "intrusion": ("침입", "Intrusion"),
    "line_crossing": ("선 통과", "Line crossing"),
    "loitering": ("배회", "Loitering"),
    "abandoned_object": ("유기물", "Abandoned object"),
    "removed_object": ("물건 사라짐", "Removed object"),
    "accident": ("교통사고", "Accident"),
    "wrong_way": ("역주행", "Wrong way"),
    "stopped_vehicle": ("정지 차량", "Stopped vehicle"),
    "illegal_parking": ("불법 주차", "Illegal parking"),
    "congestion": ("정체", "Congestion"),
    "pedestrian_on_road": ("차도 보행자", "Pedestrian on road"),
    "speeding": ("과속", "Speeding"),
    "crowd": ("군중 밀집", "Crowd"),
    "flood": ("침수", "Flood"),
    "collapse": ("붕괴", "Collapse"),
    "shake": ("진동", "Shake"),
    "emergency_bell": ("비상벨", "Emergency bell"),
    "crime_report": ("112 신고", "Call to the police"),
    "rescue_call": ("119 신고", "Call to fire and rescue"),
    "disaster_report": ("재난 신고", "Disaster report"),
    "monitoring_alert": ("위치추적 경보", "Monitoring alert"),
    "missing_person": ("실종자", "Missing person"),
    "vehicle": ("수배 차량", "Vehicle searched for"),
    "offline": ("카메라 끊김", "Camera offline"),
    "frozen": ("화면 멈춤", "Frozen picture"),
    "looped": ("반복 영상", "Looped feed"),
    "blinded": ("화면 가림", "Camera blinded"),
    "sprayed": ("렌즈 훼손", "Lens sprayed"),
    "defocused": ("초점 흐림", "Defocused"),
    "moved": ("카메라 틀어짐", "Camera moved"),
    "clock_drift": ("시계 오차", "Clock drift"),
}


def both(kind: str) -> str:
    """Return a kind in Korean with English beside; of an unknown one the code, so that a gap is seen."""
    return "{} ({})".format(*WORDS[kind]) if kind in WORDS else kind
