"""Whatever an explanation can name has words on the operators' page, in Korean and in English."""

import ast
import json
import re
from pathlib import Path

from detection import types
from sharing_hub.api import page
from sharing_hub.domain import kind_words, rules

COMPARISONS = {"at_least", "at_most"}
ROOT = Path(__file__).resolve().parents[2]
WORDS = (ROOT / "sharing_hub" / "static" / "js" / "words.js").read_text("utf-8")
TRIGGERS = sorted((ROOT / "detection" / "triggers").glob("*.py"))


def conditions(place: int) -> set[str]:
    """Return the texts that the triggers give as this argument of their conditions: 0 is the name, 3 the unit."""
    found: set[str] = set()
    for path in TRIGGERS:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in COMPARISONS and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                found.add(str(ast.literal_eval(node.args[place])))
    return found


def dictionary(name: str) -> set[str]:
    """Return the keys of one dictionary of words.js."""
    found = re.search(rf"const {name} = \{{(.*?)\n\}};", WORDS, re.DOTALL)
    assert found is not None
    return {quoted or plain for quoted, plain in re.findall(r'(?:"([^"]+)"|([\w]+)):\s*\[', found[1])}


def test_every_condition_has_words() -> None:
    names = conditions(0)
    assert len(names) > 20
    assert names - dictionary("CONDITIONS") == set()


def test_every_unit_of_a_condition_has_words() -> None:
    units = conditions(3)
    assert "s" in units
    assert units - dictionary("UNITS") == set()


def test_every_kind_has_words() -> None:
    assert {str(kind) for kind in types.Kind} | set(rules.DEFAULT_RULES) == set(kind_words.WORDS)
    assert all(ko and en for ko, en in kind_words.WORDS.values())


def test_the_page_has_the_words_of_kinds_from_the_one_place_where_they_stand() -> None:
    served = bytes(page.kinds().body).decode()
    assert json.loads(served.removeprefix("export const KINDS = ").removesuffix(";\n")) == {
        kind: list(words) for kind, words in kind_words.WORDS.items()
    }
    assert 'import { KINDS } from "./kinds.js";' in WORDS
    assert not (ROOT / "sharing_hub" / "static" / "js" / "kinds.js").exists()
