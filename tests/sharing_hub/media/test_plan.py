"""Plans and reports come back from JSON as they went, and what cannot be meant is refused."""

import dataclasses
import datetime
import json

import pytest
import rfc8785

from sharing_hub import errors
from sharing_hub.media import plan

NOON = datetime.datetime(2026, 11, 28, 3, tzinfo=datetime.UTC)
PICK = plan.Pick(1.5, 0.25, 0.5)
REPORT = plan.DerivativeReport(
    "people_and_plates", "JK-1", "a" * 64, 100, "b" * 64, 90, 1280, 720, 2.5, 38, 30, 0, 13, 0.2, {"face": 2},
    (plan.ModelUsed("nanodet", "c" * 64),), (plan.KeptClear(PICK, 0.0, 1.5, "was not found any more", "x"),), "libx264",
)  # fmt: skip


def test_a_job_comes_back_as_it_went() -> None:
    job = plan.MaskPlan("people_and_plates", (PICK,)), plan.Watermark("종로", "홍길동", NOON, "JK-1", NOON)
    assert plan.job_of(json.loads(json.dumps(plan.job_json(*job)))) == job


def test_a_report_comes_back_as_it_went_and_has_a_canonical_form_without_fractions() -> None:
    text = rfc8785.dumps(REPORT.as_json())
    assert b"." not in text
    assert plan.report_of(json.loads(text)) == REPORT


@pytest.mark.parametrize(
    "changed",
    [{"level": "some"}, {"level": "none", "keep_clear": (PICK,)}, {"keep_clear": (PICK,) * 51}, {"threads": 0}, {"quality": 0}],
)  # fmt: skip
def test_a_plan_that_cannot_be_meant_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(errors.Unprocessable):
        dataclasses.replace(plan.MaskPlan("people_and_plates"), **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "values", [{}, {"plan": 1, "watermark": {}}, {"plan": {"level": "none", "x": 1}, "watermark": {}}]
)
def test_a_job_in_another_form_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(errors.Unprocessable):
        plan.job_of(values)
    with pytest.raises(errors.Unprocessable):
        plan.report_of(values)
