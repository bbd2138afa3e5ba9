"""The engine: what it answers beside yes and no, and that every error denies."""

import dataclasses

import cedarpy
import pytest

from sharing_hub.policy import engine, loading
from tests.support import questions


def test_a_decision_names_its_policies_their_words_and_what_it_was_decided_by() -> None:
    decision = questions.decide(questions.PARTNER, distance_m=2000.0, second_factor=False)
    assert decision.rule_ids == ("second-factor-needed", "too-far")
    assert "2차 인증" in decision.reasons[0] and "second factor" in decision.reasons[0]
    assert decision.policy_version == f"{questions.decider().policies.digest[:12]}/7"


def test_a_permit_says_how_much_must_be_masked() -> None:
    decision = questions.decide(
        questions.REQUESTED, action="Export", export_mode="masked", download=True, grant_mask="faces_and_plates",
        masked="faces_and_plates",
    )  # fmt: skip
    assert (decision.permitted, decision.mask_level) == (True, "faces_and_plates")


def test_a_forbid_that_cedar_would_pass_over_denies() -> None:
    """Cedar skips a forbid whose condition errs, and permits: any diagnostic is a denial here."""
    text = """@id("all") @reason("모두") @reason_en("all") permit (principal, action, resource);
    @id("never") @reason("없음") @reason_en("none") forbid (principal, action, resource) when { context.absent == 1 };"""
    built_in = questions.decider().policies
    broken = dataclasses.replace(built_in, rules=cedarpy.PolicySet.from_str(text))
    decision = engine.Engine(broken).decide(questions.question(questions.OPERATOR), questions.BOOK, 1)
    assert (decision.permitted, decision.rule_ids) == (False, (engine.ON_ERROR,))


@pytest.mark.parametrize("start", ["operator", "partner", "requested"])
def test_one_forbid_beats_every_permit(start: str) -> None:
    text = """@id("all") permit (principal, action, resource);
    @id("closed") forbid (principal, action, resource);"""
    document = cedarpy.policies_to_json_str(text).replace('"policy0"', '"all"').replace('"policy1"', '"closed"')
    policies = dataclasses.replace(questions.decider().policies, rules=cedarpy.PolicySet.from_json_str(document))
    decision = engine.Engine(policies).decide(questions.question(questions.STARTS[start]), questions.BOOK, 1)
    assert (decision.permitted, decision.rule_ids) == (False, ("closed",))


def test_a_failing_library_denies(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the library broke")

    monkeypatch.setattr(cedarpy, "is_authorized", fail)
    assert questions.decide(questions.OPERATOR).rule_ids == (engine.ON_ERROR,)


def test_who_changed_since_the_last_question_is_decided_by_what_they_are_now() -> None:
    decider = engine.Engine(questions.decider().policies)
    for second_factor in (True, False, True):
        asked = questions.question(questions.PARTNER, second_factor=second_factor)
        assert decider.decide(asked, questions.BOOK, 1).permitted is second_factor
    own = questions.question(questions.PARTNER, owner="facility", distance_m=None)
    assert decider.decide(own, questions.BOOK, 1).rule_ids == ("too-far",)


def test_entities_that_cannot_be_parsed_deny_and_are_asked_about_again(monkeypatch: pytest.MonkeyPatch) -> None:
    decider, asked = engine.Engine(questions.decider().policies), questions.question(questions.PARTNER)

    def fail(*_: object) -> None:
        raise ValueError("they do not fit the schema")

    with monkeypatch.context() as patched:
        patched.setattr(cedarpy.Entities, "from_json_str", fail)
        assert decider.decide(asked, questions.BOOK, 1).rule_ids == (engine.ON_ERROR,)
    assert decider.decide(asked, questions.BOOK, 1).permitted


def test_no_policy_at_all_permits_nothing() -> None:
    empty = dataclasses.replace(questions.decider().policies, rules=cedarpy.PolicySet.from_str(""))
    decision = engine.Engine(empty).decide(questions.question(questions.OPERATOR), questions.BOOK, 1)
    assert (decision.permitted, decision.rule_ids) == (False, (engine.BY_DEFAULT,))


def test_not_even_a_permit_in_code_identifies_a_face() -> None:
    everything = cedarpy.PolicySet.from_str("permit (principal, action, resource);")
    policies = dataclasses.replace(questions.decider().policies, rules=everything)
    asked = questions.question(questions.OPERATOR, action="IdentifyFace")
    assert engine.Engine(policies).decide(asked, questions.BOOK, 1).rule_ids == (loading.ALWAYS,)
