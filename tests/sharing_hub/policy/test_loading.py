"""The policies as files: the district's beside the built-in ones, and what is refused."""

from pathlib import Path

import pytest

from sharing_hub import errors
from sharing_hub.policy import engine, loading
from tests.support import questions

WORDS = '@reason("이유") @reason_en("why")'
FAR = f'@id("too-far") {WORDS} forbid (principal, action == Action::"ViewLive", resource) when {{ context.distance_m > 2500 }};'
NIGHT = f'@id("not-the-park") {WORDS} forbid (principal, action, resource == Camera::"park");'


def folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "own.cedar").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_districts_policy_takes_the_place_of_the_built_in_one_or_is_added(tmp_path: Path) -> None:
    own = loading.load(folder(tmp_path, FAR + NIGHT))
    assert own.changed == ("not-the-park", "too-far")
    decider = engine.Engine(own)
    far = questions.question(questions.PARTNER, distance_m=2400.0)
    park = questions.question(questions.PARTNER, camera="park")
    assert decider.decide(far, questions.BOOK, 1).permitted
    assert decider.decide(park, questions.BOOK, 1).rule_ids == ("not-the-park",)


def test_the_digest_changes_with_the_policies_and_with_nothing_else(tmp_path: Path) -> None:
    built_in = loading.load()
    assert loading.load().digest == built_in.digest
    assert loading.load(folder(tmp_path, NIGHT)).digest != built_in.digest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("permit (principal", "not Cedar"),
        (f"{WORDS} permit (principal, action, resource);", "has no @id"),
        ('@id("x") permit (principal, action, resource);', "give @reason"),
        ('@id("x") @reason("이유") permit (principal, action, resource);', "@reason_en"),
        (f'@id("x") {WORDS} permit (principal, action, resource) when {{ context.absent }};', "policy x"),
        (f'@id("x") {WORDS} permit (principal, action == Action::"Peek", resource);', "policy x"),
        (f'@id("x") {WORDS} permit (principal, action, resource) when {{ context.distance_m == "far" }};', "policy x"),
        (NIGHT + NIGHT, "two policies"),
        (f'@id("x") {WORDS} permit (principal == ?principal, action, resource);', "templates"),
        (f'@id("never-identify-faces") {WORDS} permit (principal, action, resource);', "cannot be replaced"),
    ],
)
def test_policies_that_cannot_be_used_are_refused_with_words(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(errors.PolicyError) as refused:
        loading.load(folder(tmp_path, text))
    assert said in refused.value.detail


def test_a_folder_that_is_empty_or_away_is_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "away"):
        with pytest.raises(errors.PolicyError):
            loading.load(place)
    (tmp_path / "bytes.cedar").write_bytes(b"\xff\xfe")
    with pytest.raises(errors.PolicyError, match="cannot be read"):
        loading.load(tmp_path)
