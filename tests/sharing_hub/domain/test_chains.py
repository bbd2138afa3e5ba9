import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sharing_hub.domain import chains
from sharing_hub.wire import chain, v1
from tests.support import chains as made
from tests.support import hub_site, messages

CAMERA = "gate"


AGENT = hub_site.Site(uuid.UUID(int=5), Ed25519PrivateKey.from_private_bytes(bytes(32)))


def manifest(begin_s: float, end_s: float, gaps: tuple[v1.Gap, ...] = ()) -> v1.MediaManifest:
    times = {"starts_at": messages.after(begin_s), "ends_at": messages.after(end_s)}
    return messages.clip_manifest(
        b"range", form="range", event_id=None, request_id=uuid.UUID(int=7), gaps=gaps, **times
    )


def judge(file: v1.MediaManifest, begin_s: float, end_s: float) -> chains.Verdict:
    assert file.chain is not None
    return chains.judge(file, file.chain, (messages.after(begin_s), messages.after(end_s)))


def gap(begin_s: float, end_s: float, reason: str) -> v1.Gap:
    return v1.Gap(starts_at=messages.after(begin_s), ends_at=messages.after(end_s), reason=reason)


def test_a_range_of_which_every_second_is_there_is_complete() -> None:
    file = made.placed(manifest(0, 179.9), AGENT, made.segments(CAMERA, 3))
    assert chains.fault(file) == ""
    assert judge(file, 0, 179.9) == chains.Verdict("complete", "")


def test_a_gap_that_the_manifest_and_the_chain_give_a_reason_for_is_complete() -> None:
    file = made.placed(manifest(0, 119.9, (gap(60, 62.5, "camera offline"),)), AGENT, made.segments(CAMERA, 2, 2.5))
    assert judge(file, 0, 119.9) == chains.Verdict("complete", "")


def test_a_second_that_is_neither_in_the_file_nor_explained_is_incomplete() -> None:
    file = made.placed(manifest(0, 100), AGENT, made.segments(CAMERA, 2))
    verdict = judge(file, 0, 119)
    assert verdict.state == "incomplete"
    assert (
        verdict.detail == "2026-07-01T03:01:40+00:00 to 2026-07-01T03:01:59+00:00 is not in it, and no reason is given"
    )


def test_a_second_that_no_link_accounts_for_is_incomplete() -> None:
    file = made.placed(manifest(0, 119.9), AGENT, made.segments(CAMERA, 1))
    verdict = judge(file, 0, 119.9)
    assert verdict.state == "incomplete"
    assert "is in no link of the chain" in verdict.detail


def test_what_was_recorded_and_is_left_out_is_told_with_the_reason_given() -> None:
    file = made.placed(
        manifest(0, 90, (gap(90, 119.9, "the camera changed its format"),)), AGENT, made.segments(CAMERA, 2)
    )
    verdict = judge(file, 0, 119.9)
    assert verdict.state == "complete"
    assert "was recorded and is not in it: the camera changed its format" in verdict.detail


def test_what_comes_from_a_segment_that_was_not_finished_is_said() -> None:
    file = made.placed(manifest(0, 80), AGENT, made.segments(CAMERA, 1), open_from=messages.after(60))
    verdict = judge(file, 0, 80)
    assert verdict == chains.Verdict(
        "complete", "from 2026-07-01T03:01:00+00:00 on the segment was not finished and has no link"
    )


@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_a_link_left_out_of_a_run_breaks_it_or_leaves_seconds_without_a_link(left_out: int) -> None:
    links = made.segments(CAMERA, 3)
    del links[left_out]
    file = made.placed(manifest(0, 179.9), AGENT, links)
    assert chains.fault(file) == ("link 2 does not follow on link 0" if left_out == 1 else "")
    assert judge(file, 0, 179.9).state == "incomplete"


def test_a_place_that_does_not_hold_together_is_told() -> None:
    file = made.placed(manifest(0, 59), AGENT, made.segments(CAMERA, 1))
    assert file.chain is not None
    own = file.chain.own.link

    def fault(**changed: object) -> str:
        place = v1.ChainPlace(
            own=made.signed(AGENT, own.model_copy(update=changed)), links=file.chain.links if file.chain else ()
        )
        return chains.fault(file.model_copy(update={"chain": place}))

    assert fault(what="clip") == "its own link is of a clip"
    assert fault(camera_id="yard") == "a link is of another camera"
    assert fault(file=made.file(None, 0, 59)) == "its own link is of another file"
    assert fault(sequence=0) == "its own link stands before those of what it was cut from"
    assert fault(previous=chain.FIRST) == "its own link does not follow on those of what it was cut from"
    assert chains.fault(file.model_copy(update={"chain": None})) == ""


def test_links_that_differ_from_those_known_contradict_them() -> None:
    file = made.placed(manifest(60, 119), AGENT, made.segments(CAMERA, 2)[1:])
    assert file.chain is not None
    first, second = made.segments(CAMERA, 2)
    agreeing = {0: first.sha256(), 1: second.sha256(), 2: file.chain.own.link.sha256(), 9: "ef" * 32}
    assert chains.contradiction(file.chain, agreeing) == ""
    for sequence in (0, 1, 2):
        what = chains.contradiction(file.chain, {**agreeing, sequence: "ef" * 32})
        assert what == f"link {sequence} is another than the one that came with an earlier file"
