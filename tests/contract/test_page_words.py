"""Whatever an explanation can name has words on the operators' page, in Korean and in English."""

import re
from pathlib import Path

from detection import types

ROOT = Path(__file__).resolve().parents[2]
WORDS = (ROOT / "sharing_hub" / "static" / "js" / "words.js").read_text("utf-8")
TRIGGERS = sorted((ROOT / "detection" / "triggers").glob("*.py"))
NAMED = re.compile(r'at_(?:least|most)\(\s*"([a-z_0-9]+)"')


def dictionary(name: str) -> set[str]:
    """Return the keys of one dictionary of words.js."""
    found = re.search(rf"const {name} = \{{(.*?)\n\}};", WORDS, re.DOTALL)
    assert found is not None
    return {quoted or plain for quoted, plain in re.findall(r'(?:"([^"]+)"|([\w]+)):\s*\[', found[1])}


def test_every_condition_has_words() -> None:
    names = {name for path in TRIGGERS for name in NAMED.findall(path.read_text("utf-8"))}
    assert len(names) > 20
    assert names - dictionary("CONDITIONS") == set()


def test_every_unit_of_a_condition_has_words() -> None:
    calls = [
        call
        for path in TRIGGERS
        for call in re.findall(r"at_(?:least|most)\((.*?)\)(?:,|\n|$)", path.read_text("utf-8"))
    ]
    units = {call.rsplit('"', 2)[1] for call in calls if call.rstrip().endswith('"')}
    assert "s" in units
    assert units - dictionary("UNITS") == set()


def test_every_kind_has_words() -> None:
    assert {str(kind) for kind in types.Kind} - dictionary("KINDS") == set()
