"""Messages as CAP 1.2 alerts (OASIS Common Alerting Protocol 1.2, 1 July 2010): Alert, Update and Cancel of one incident.

Invariants: elements stand in the schema's order; times have an offset, never `Z` (section 3.3.2 refuses it); an Update or Cancel names the alert that it
goes on from in `references`; `scope` is Private, for a message is for one agency.
"""

import re
from datetime import datetime, timedelta, timezone

from lxml import etree

from sharing_hub.domain import messages

CONTENT_TYPE = "application/cap+xml"
NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
KST = timezone(timedelta(hours=9))
MAX_BYTES = 256 * 1024
_TYPES = {"opened": "Alert", "update": "Update", "cancel": "Cancel"}
_CATEGORIES = {"fire": "Fire", "crime": "Security", "traffic": "Transport", "disaster": "Safety", "health": "Infra"}
_SEVERITIES = {1: "Severe", 2: "Moderate", 3: "Minor"}
_HEAD = (
    "identifier",
    "sender",
    "sent",
    "status",
    "msgType",
    "source",
    "scope",
    "restriction",
    "addresses",
    "code",
    "note",
    "references",
    "incidents",
)
_INFO = (
    "language", "category", "event", "responseType", "urgency", "severity", "certainty", "audience", "eventCode", "effective", "onset",
    "expires", "senderName", "headline", "description", "instruction", "web", "contact", "parameter", "resource", "area",
)  # fmt: skip
_NEEDED_HEAD = ("identifier", "sender", "sent", "status", "msgType", "scope")
_NEEDED_INFO = ("category", "event", "urgency", "severity", "certainty")
_WORDS = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {
        "Geo",
        "Met",
        "Safety",
        "Security",
        "Rescue",
        "Fire",
        "Health",
        "Env",
        "Transport",
        "Infra",
        "CBRNE",
        "Other",
    },
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
_NO_SPACE = re.compile(r"[^\s,<&]+")
_CIRCLE = re.compile(r"-?\d{1,2}(\.\d+)?,-?\d{1,3}(\.\d+)? \d+(\.\d+)?")


def write(message: messages.Message, sender: str, base_url: str) -> bytes:
    """Return a message as a CAP alert.

    Args:
        sender: who sends, without spaces and commas; the hub's host name.
        base_url: the hub's public address, for the link.
    """
    alert = etree.Element(_name("alert"), nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    _add(alert, "identifier", str(message.message_id))
    _add(alert, "sender", sender)
    _add(alert, "sent", time_text(message.sent_at))
    _add(alert, "status", "Exercise" if message.exercise else "Actual")
    _add(alert, "msgType", _TYPES[message.occasion])
    _add(alert, "scope", "Private")
    _add(alert, "addresses", message.agency_id)
    if message.note:
        _add(alert, "note", message.note)
    if message.occasion != "opened":
        _add(alert, "references", f"{sender},{message.first_id},{time_text(message.first_at)}")
    _add(alert, "incidents", str(message.incident_id))
    for language, (event, headline) in _words_of(message).items():
        _info(alert, message, language, event, headline, base_url)
    return etree.tostring(alert, xml_declaration=True, encoding="UTF-8")


def time_text(at: datetime) -> str:
    """Return a time as CAP has it: seconds, Korean time, with the offset."""
    return at.astimezone(KST).strftime("%Y-%m-%dT%H:%M:%S+09:00")


def faults(text: bytes) -> list[str]:
    """Return what is wrong with a CAP 1.2 alert, in the words of its rules (our own copy of them; OASIS' schema is not shipped); empty: nothing.

    Raises:
        ValueError: it is no XML, too large, or declares a document type (entities).
    """
    alert = read(text)
    found = _misplaced(alert, (*_HEAD, "info"), _NEEDED_HEAD)
    for name, pattern in (("sent", _TIME), ("identifier", _NO_SPACE), ("sender", _NO_SPACE)):
        value = alert.findtext(_name(name)) or ""
        if not pattern.fullmatch(value):
            found.append(f"{name}: {value!r} has not the form that it must have")
    if alert.findtext(_name("msgType")) in ("Update", "Cancel") and not alert.findtext(_name("references")):
        found.append("references: an Update or Cancel names what it goes on from")
    if alert.findtext(_name("scope")) == "Private" and not alert.findtext(_name("addresses")):
        found.append("addresses: a Private alert names whom it is for")
    for info in alert.findall(_name("info")):
        found += _misplaced(info, _INFO, _NEEDED_INFO)
        found += [f"circle: {c.text!r}" for c in info.iter(_name("circle")) if not _CIRCLE.fullmatch(c.text or "")]
        found += ["area: has no areaDesc" for a in info.findall(_name("area")) if not a.findtext(_name("areaDesc"))]
    for element in alert.iter():
        name = etree.QName(element).localname
        if name in _WORDS and (element.text or "") not in _WORDS[name]:
            found.append(f"{name}: {element.text!r} is none of {', '.join(sorted(_WORDS[name]))}")
    return found


def read(text: bytes) -> etree._Element:
    """Return the alert element of a CAP document; neither entities nor the network are touched.

    Raises:
        ValueError: it is no CAP alert, too large, or declares a document type.
    """
    if len(text) > MAX_BYTES:
        raise ValueError(f"a CAP alert has at most {MAX_BYTES} bytes, this one {len(text)}")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as e:
        raise ValueError(f"it is no XML: {e}") from e
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("a CAP alert declares no document type")
    if root.tag != _name("alert"):
        raise ValueError(f"its root is {root.tag}, not an alert of CAP 1.2")
    return root


def _info(
    alert: etree._Element, message: messages.Message, language: str, event: str, headline: str, base_url: str
) -> None:
    info = etree.SubElement(alert, _name("info"))
    _add(info, "language", language)
    _add(info, "category", _CATEGORIES.get(message.category, "Other"))
    _add(info, "event", event)
    _add(info, "urgency", "Immediate" if message.severity == 1 else "Expected")
    _add(info, "severity", _SEVERITIES[message.severity])
    _add(info, "certainty", "Observed" if message.confirmed else "Possible")
    _add(info, "onset", time_text(message.opened_at))
    _add(info, "headline", headline)
    _add(info, "web", f"{base_url}/v1/agency/incidents/{message.incident_id}")
    for name, value in (("kind", message.kind), ("state", message.state), ("caseNumber", message.case_number)):
        if value:
            parameter = etree.SubElement(info, _name("parameter"))
            _add(parameter, "valueName", f"jikimi:{name}")
            _add(parameter, "value", value)
    if message.latitude is not None and message.longitude is not None:
        area = etree.SubElement(info, _name("area"))
        place = f"{message.latitude:.5f}, {message.longitude:.5f}"
        _add(area, "areaDesc", _clean(message.camera_name or "") or place)
        _add(area, "circle", f"{message.latitude:.6f},{message.longitude:.6f} 0.05")


def _words_of(message: messages.Message) -> dict[str, tuple[str, str]]:
    where = _clean(message.camera_name or "")
    state_ko = "확인됨" if message.confirmed else "확인 전"
    state_en = "confirmed" if message.confirmed else "not yet confirmed"
    return {
        "ko-KR": (message.kind, f"{where} {message.kind} ({state_ko})".strip()),
        "en-US": (message.kind, f"{where} {message.kind} ({state_en})".strip()),
    }


def _misplaced(parent: etree._Element, order: tuple[str, ...], needed: tuple[str, ...]) -> list[str]:
    names = [etree.QName(child).localname for child in parent]
    found = [f"{name}: is no element of {etree.QName(parent).localname}" for name in names if name not in order]
    places = [order.index(name) for name in names if name in order]
    if places != sorted(places):
        found.append(f"{etree.QName(parent).localname}: its elements are not in the schema's order")
    return found + [f"{name}: is missing" for name in needed if name not in names]


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, _name(name)).text = _clean(text)


def _clean(text: str) -> str:
    """Leave out what XML cannot hold, or nobody can read."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t").strip()


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"
