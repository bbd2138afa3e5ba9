"""A document type is found in every encoding that the parser reads."""

import pytest

from detection import plain_xml

LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 if n else str()};" * 10}">' for n in range(12))
    + "]><a>&a11;</a>"
)
FILE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@pytest.mark.parametrize("text", [LAUGHS, FILE, "<!DOCTYPE a><a/>", '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>'])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-8-sig", "cp037"])
def test_a_document_type_is_found_whatever_the_encoding(text: str, encoding: str) -> None:
    named = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    raw = (named + text).encode(encoding) if encoding != "cp037" else named.encode() + text.encode(encoding)
    assert plain_xml.declares_a_type(raw) or not _is_read(raw)


def _is_read(raw: bytes) -> bool:
    from xml.etree import ElementTree

    try:
        ElementTree.fromstring(raw)  # noqa: S314 - the point of this test
    except (ElementTree.ParseError, LookupError, ValueError):
        return False
    return True


@pytest.mark.parametrize(
    "raw", [b"", b"<", b"<a/>", b"<a>&lt;!DOCTYPE</a>", b"<!-- <!DOCTYPE a> --><a/>", b"\xff\xfe", b"\0" * 9]
)
def test_plain_xml_and_what_is_none_declare_no_type(raw: bytes) -> None:
    assert not plain_xml.declares_a_type(raw)
