"""Whatever an explanation can name, whatever a view asks for and whatever the hub says when it refuses has words on the operators' page, in Korean and in English."""

import ast
import collections
import dataclasses
import itertools
import json
import re
from pathlib import Path
from typing import get_args

import pytest

from camera_agents.streams import rtsp
from detection import types
from sharing_hub.api import page
from sharing_hub.domain import actions, district, incidents, kind_words, messages, requests, rules, viewers
from sharing_hub.policy import engine
from sharing_hub.services import cameras, looks

COMPARISONS = {"at_least", "at_most"}
ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "sharing_hub" / "static" / "js"
WORDS = (SCRIPTS / "words.js").read_text("utf-8")
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


def sources() -> dict[str, str]:
    """Return the page's scripts by name."""
    return {str(path.relative_to(SCRIPTS)): path.read_text("utf-8") for path in sorted(SCRIPTS.rglob("*.js"))}


def tables(language: str) -> list[set[str]]:
    """Return the keys of the dictionary of a language, and of each table of pairs that is merged into it."""
    found = re.search(rf"^  {language}: \{{(.*?)\n  \}},", WORDS, re.DOTALL | re.MULTILINE)
    merged = re.search(r"^merge\(WORDS, (.*)\);", WORDS, re.MULTILINE)
    assert found is not None
    assert merged is not None
    own = {key for key, _ in re.findall(r'(\w+): (".*?(?<!\\)")', found[1])}
    return [own, *(pairs(name) for name in merged[1].split(", "))]


def spoken(language: str) -> set[str]:
    """Return the keys that have words in a language."""
    return set().union(*tables(language))


def pairs(name: str) -> set[str]:
    """Return the keys of a table of pairs in words/, each of which has both languages."""
    text = next(text for text in sources().values() if f"export const {name} = {{" in text)
    found = re.search(rf"^export const {name} = \{{(.*?)\n\}};", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    for line in found[1].splitlines():
        entries = len(re.findall(r'(?:"[^"]+"|\w+): \[', line))
        assert entries == len(re.findall(r': \["(?:[^"\\]|\\.)+", "(?:[^"\\]|\\.)+"\]', line)), line
    return {quoted or plain for quoted, plain in re.findall(r'(?:"([^"]+)"|\b(\w+)): \[', found[1])}


def test_both_languages_have_the_same_words_and_each_is_given_once() -> None:
    assert spoken("ko") == spoken("en")
    assert len(spoken("ko")) > 500
    twice = [key for key, times in collections.Counter(itertools.chain(*tables("ko"))).items() if times > 1]
    assert twice == []


def test_whatever_the_hub_calls_a_state_a_step_a_role_a_limit_or_a_reason_has_words() -> None:
    codes = {
        "state_": get_args(incidents.State), "change_": (*get_args(incidents.Change), *get_args(incidents.SideStep)),
        "request_": get_args(requests.State), "kind_": get_args(requests.Kind), "glass_": requests.REASONS_TO_BREAK_GLASS,
        "mask_": actions.MASK_LEVELS, "media_": get_args(district.Media), "how_": get_args(district.When),
        "role_": viewers.ROLES, "limit_": [field.name for field in dataclasses.fields(district.Limits)],
        "look_": get_args(looks.Action), "occasion_": get_args(messages.Occasion), "disposition_": [word.code for word in incidents.DISPOSITIONS],
    }  # fmt: skip
    assert {prefix + code for prefix, known in codes.items() for code in known} - spoken("ko") == set()


@pytest.mark.parametrize("name", sorted(sources()))
def test_every_word_that_a_script_asks_for_is_there(name: str) -> None:
    asked: set[str] = set()
    for argument in re.findall(r"(?<![\w.])(?:words\.)?t\(((?:[^(),]|\([^()]*\))*)", sources()[name]):
        chosen = argument.split("?", 1)[-1] if "?" in argument else argument
        asked |= set(re.findall(r'"(\w+)"', chosen)) if "`" not in argument and "==" not in chosen else set()
    assert asked - spoken("ko") == set()


def test_every_rule_of_the_policies_that_has_a_remedy_is_one() -> None:
    rules = {
        rule
        for path in (ROOT / "sharing_hub" / "policy" / "rules").glob("*.cedar")
        for rule in re.findall(r'@id\("([^"]+)"\)', path.read_text("utf-8"))
    } | {engine.BY_DEFAULT, engine.ON_ERROR}
    assert pairs("REMEDIES") - rules == set()


def sentences() -> set[str]:
    """Return every text that the hub can say, with {} for what is filled in."""
    said: set[str] = set()
    for folder in ("services", "api", "domain", "live", "gateway"):
        for path in (ROOT / "sharing_hub" / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    said.add("".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    said.add(node.value)
    return said


def test_every_sentence_that_the_page_translates_is_one_that_the_hub_says() -> None:
    translated = re.findall(r'^  "(.+?)": "', sources()["words/problems.js"], re.MULTILINE)
    assert len(translated) > 30
    assert set(translated) - sentences() == set(), "the hub says it otherwise now: change words/problems.js with it"


def test_what_an_agent_says_of_a_camera_that_it_cannot_read_has_korean_words() -> None:
    translated = re.findall(r'^  "(.+?)": "', sources()["words/camera_faults.js"], re.MULTILINE)
    assert {words for _, _, words in rtsp._STATES} | {cameras.AGENT_SILENT} <= set(translated)
    source = Path(rtsp.__file__).read_text("utf-8")
    assert [one for one in translated if one not in source] == [cameras.AGENT_SILENT], "the agent says it otherwise now"
