"""Every row of `cases.tsv` is decided as it says.

A row: the default of the access rules it belongs to, words, the question it starts from (`tests.support.questions`), what is changed of it as JSON, permit
or deny, and one policy that is among those that decided.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import questions


@dataclass(frozen=True)
class Case:
    """A row."""

    default: str
    words: str
    start: str
    changes: str
    expected: str
    policy: str


CASES = [
    Case(*line.split("\t"))
    for line in Path(__file__).with_name("cases.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize("default", [str(number) for number in range(1, 12)])
def test_every_row_of_a_default_is_decided_as_it_says(default: str) -> None:
    wrong = []
    for case in (case for case in CASES if case.default == default):
        decision = questions.decide(questions.STARTS[case.start], **json.loads(case.changes))
        decided = "permit" if decision.permitted else "deny"
        if decided != case.expected or case.policy not in decision.rule_ids:
            wrong.append(
                f"{case.words}: expected {case.expected} by {case.policy}, got {decided} by {decision.rule_ids}"
            )
    assert not wrong, "\n".join(wrong)


def test_the_table_is_large_and_covers_every_default_and_every_policy() -> None:
    assert len(CASES) >= 200
    assert {case.default for case in CASES} == {str(number) for number in range(1, 12)}
    assert set(questions.decider().policies.words) <= {case.policy for case in CASES}
