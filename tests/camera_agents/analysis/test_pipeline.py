import dataclasses
import random
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from camera_agents.analysis import announcing, books, decoding, inference, pipeline
from camera_agents.configuration import settings
from camera_agents.sending import delivery, identity, outbox
from camera_agents.sending import mediastore as stores
from camera_agents.streams import capture, packets, rates
from detection import experts, journal, profile, thresholds, types
from detection import settings as tuning
from tests.support import coded, waiting

WIDTH_PX, HEIGHT_PX = 320, 192
DEADLINE_S = 60.0
MODEL = types.ModelUsed("scripted", "0" * 64)
YARD = profile.ZoneRule("yard", types.Kind.INTRUSION, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
PROFILE = profile.CameraProfile(
    frozenset({types.Kind.INTRUSION}),
    (YARD,),
    tracker=tuning.TrackerSettings(patience_s=0.5),
    behaviour=thresholds.BehaviourThresholds(patience_s=1.0, handover_s=0.5),
)


class Eyes:
    """Stands in for the pool of detectors: finds the bright square of the test pictures as a person, at once.

    Attributes:
        before: called with each frame first; what it raises goes to the asker.
        sees: False for a detector that does not come to any look in time.
        until_s: from this time on it finds nobody.
    """

    def __init__(self) -> None:
        self.model: types.ModelUsed | None = MODEL
        self.further: dict[str, types.ModelUsed] = {}
        self.models = (MODEL,)
        self.before: Callable[[types.Frame], None] = lambda frame: None
        self.sees = True
        self.until_s = float("inf")
        self.asked: list[float] = []

    def ask(self, task: str, blob: experts.Blob, timeout_s: float) -> experts.Answer | None:
        return None

    def detect(
        self,
        frame: types.Frame,
        regions: tuple[types.Box, ...],
        timeout_s: float,
        wanted: tuning.DetectorSettings | None = None,
    ) -> types.Detections | None:
        self.before(frame)
        self.asked.append(frame.time_s)
        if not self.sees:
            return None
        rows, columns = np.nonzero(frame.y > 200)
        if not len(rows) or frame.time_s > self.until_s:
            return types.Detections.none()
        box = np.array([[columns.min(), rows.min(), columns.max(), rows.max()]], np.float32)
        return types.Detections(box, np.array([0.9], np.float32), np.array([types.ObjectClass.PERSON], np.int64))


class Site:
    """One camera's analysis with real outbox, media and capture; the test is its detector and its clock."""

    def __init__(self, me: identity.Identity, box: outbox.Outbox, store: stores.MediaStore) -> None:
        self.eyes = Eyes()
        self.box = box
        self.delivery = delivery.Delivery(box)
        self.utc_s = coded.START_US / 1e6
        source = settings.Source("rtsp://127.0.0.1:1/")
        self.camera = settings.Camera("yard", "Yard", source, None, settings.Recording(False, settings.SPOOL), PROFILE)
        announcer = announcing.Announcer(me, box, store, settings.Clips(), "jikimi-agent/test")
        self.stream = stream("yard")
        self.small = stream("yard/sub")
        self._announcer = announcer
        self.kept: list[journal.Record] = []
        self.watch = self.make()

    def make(self, sub: bool = False) -> pipeline.Watch:
        """Make the analysis anew, with a sub stream or without."""
        streams = pipeline.Streams(self.stream, self.small if sub else None)
        pool: inference.Pool = self.eyes  # type: ignore[assignment]
        kept = books.Books(keep=self._keep)
        self.watch = pipeline.Watch(self.camera, streams, pool, self._announcer, lambda: self.utc_s, kept)
        return self.watch

    def _keep(self, _event_id: uuid.UUID, record: journal.Record) -> bool:
        self.kept.append(record)
        return True

    def give(self, sent: list[packets.VideoPacket], *, is_behind: bool = False) -> None:
        """Give packets as capture does; it shows how far behind the analysis is only where that is asked for."""
        for packet in sent:
            self.stream.newest_us = packet.captured_us if is_behind else None
            self.utc_s = packet.time_s
            self.watch.push(packet)

    def run_until(self, condition: Callable[[], object], what: str) -> None:
        """Let the analysis run until something came true, then stop it."""
        thread = threading.Thread(target=self.watch.run)
        thread.start()
        try:
            waiting.wait_until(condition, DEADLINE_S, what)
        finally:
            self.watch.stop()
            thread.join(DEADLINE_S)
        assert not thread.is_alive()

    def events(self) -> list[str]:
        """Return the kinds announced so far."""
        return [report.kind for report in self.delivery.next_batch(100, 1 << 20).reports]

    def ends(self) -> int:
        """Return how many ends were told so far."""
        return len(self.delivery.next_batch(100, 1 << 20).endings)


def stream(name: str) -> capture.Capture:
    """Return a capture that nobody runs: what it would know of its camera the test says."""

    def never() -> None:
        raise AssertionError("nothing is opened here")

    hooks = capture.Hooks(lambda _: None, lambda _: None, lambda _: None)
    return capture.Capture(name, never, hooks, capture.Outside(chance=random.Random(1)))  # type: ignore[arg-type]


@pytest.fixture
def site(me: identity.Identity, box: outbox.Outbox, store: stores.MediaStore) -> Iterator[Site]:
    yield Site(me, box, store)


@pytest.fixture(scope="module")
def walk() -> list[packets.VideoPacket]:
    """Eight seconds of a bright square that walks through the picture."""
    return coded.recorded(8, width=WIDTH_PX, height=HEIGHT_PX)


def test_who_walks_through_a_zone_is_announced_once_with_stills_and_a_clip_planned(
    site: Site, walk: list[packets.VideoPacket]
) -> None:
    site.give(walk)
    newest_s = walk[-1].time_s
    site.run_until(lambda: site.eyes.asked and site.eyes.asked[-1] > newest_s - 0.3, "the last look")
    (report,) = site.delivery.next_batch(10, 1 << 20).reports
    assert (report.camera_id, report.kind) == ("yard", "intrusion")
    assert report.explanation.zone is not None
    assert report.explanation.zone.name == "yard"
    assert [model.name for model in report.explanation.models] == ["scripted"]
    assert len(report.explanation.path) > 1
    assert {media.signed.manifest.masking for media in site.delivery.pending_media()} == {"regions", None}
    assert len(site.box.open_plans()) == 1
    assert site.watch.dropped["frames_shed"] == 0
    (record,) = site.kept
    assert (record.raised.kind, record.models) == (types.Kind.INTRUSION, (MODEL,))
    assert [call.detected for call in record.calls if call.regions and call.concluded]
    assert site.watch.dropped["records_not_kept"] == 0


def test_when_nobody_is_seen_any_more_the_end_is_told(site: Site, walk: list[packets.VideoPacket]) -> None:
    site.eyes.until_s = walk[0].time_s + 4
    site.give(walk)
    site.run_until(lambda: site.ends() == 1, "the end of the intrusion")
    assert site.events() == ["intrusion"]
    assert site.box.open_behaviours() == []


def test_an_event_raised_while_the_detector_is_too_slow_for_its_still_hides_the_whole_picture(
    site: Site, walk: list[packets.VideoPacket]
) -> None:
    whole = (0.0, 0.0, float(WIDTH_PX), float(HEIGHT_PX))
    seeing = site.eyes.detect

    def not_for_stills(
        frame: types.Frame, regions: tuple[types.Box, ...], timeout_s: float, wanted: object = None
    ) -> types.Detections | None:
        return None if regions == (whole,) and timeout_s < 1 else seeing(frame, regions, timeout_s)

    site.eyes.detect = not_for_stills  # type: ignore[method-assign]
    site.give(walk)
    site.run_until(site.events, "the intrusion")
    assert {media.signed.manifest.masking for media in site.delivery.pending_media()} == {"whole", None}


def test_looks_that_no_detector_comes_to_are_counted_as_shed_and_raise_nothing(
    site: Site, walk: list[packets.VideoPacket]
) -> None:
    site.eyes.sees = False
    site.give(walk)
    site.run_until(lambda: site.watch.dropped["frames_shed"] >= 20, "shed looks")
    assert site.watch.dropped["frames_shed"] == len(site.eyes.asked)
    assert site.events() == []


def test_questions_beyond_the_cameras_budget_are_counted_and_their_kinds_watched_in_part_only(
    site: Site, walk: list[packets.VideoPacket]
) -> None:
    watched = dataclasses.replace(
        PROFILE, kinds=PROFILE.kinds | {types.Kind.FIRE}, budget=tuning.BudgetSettings(1.0, 1.0)
    )
    site.camera = dataclasses.replace(site.camera, profile=watched)
    site.eyes.further = {"fire": types.ModelUsed("fire", "1" * 64)}
    site.make()
    site.give(walk)
    site.run_until(lambda: site.watch.dropped["questions_over_budget"] >= 3, "questions that are not paid for")
    assert site.watch.dropped["questions_shed"] == 0
    assert any("fire" in row.kinds and row.degraded_s > 0 for row in site.watch.coverage.told())


def test_a_kind_whose_model_is_missing_is_told_as_not_watched(site: Site, walk: list[packets.VideoPacket]) -> None:
    watched = dataclasses.replace(PROFILE, kinds=PROFILE.kinds | {types.Kind.FIRE})
    site.camera = dataclasses.replace(site.camera, profile=watched)
    site.make()
    site.give(walk)
    site.run_until(lambda: bool(site.watch.coverage.told()), "time that is counted")
    told = {kind: row for row in site.watch.coverage.told() for kind in row.kinds}
    assert (told["fire"].full_s, told["fire"].missing) == (0.0, "no model for fire")
    assert told["fire"].blind_s > 0


def test_without_a_detector_nothing_counts_as_shed(site: Site, walk: list[packets.VideoPacket]) -> None:
    site.eyes.model, site.eyes.sees = None, False
    site.make()
    site.watch.looks = rates.Rate(lambda: 0.0)  # in a moment that does not pass the rate is the number
    site.give(walk)
    site.run_until(lambda: site.watch.looks.per_second() >= 20, "looks")
    assert site.watch.dropped["frames_shed"] == 0
    assert site.eyes.asked == []


def test_behind_the_stream_it_looks_without_a_detector_and_when_it_caught_up_with_one_again(
    site: Site, walk: list[packets.VideoPacket]
) -> None:
    site.give(walk, is_behind=True)  # all at once: the analysis begins nearly eight seconds behind
    newest_s = walk[-1].time_s
    site.run_until(lambda: site.eyes.asked and site.eyes.asked[-1] > newest_s - 0.3, "the last look")
    assert site.watch.dropped["frames_shed"] > 0
    assert min(site.eyes.asked) >= newest_s - 1.1
    assert site.events() == ["intrusion"]


def test_packets_beyond_the_bound_are_dropped_up_to_the_next_key_frame_it_has_room_for(site: Site) -> None:
    key, *others = coded.recorded(1)
    site.watch.push(key)
    for _ in range(599):
        site.watch.push(others[0])
    assert site.watch.dropped["packets_not_analysed"] == 0
    site.watch.push(key)
    site.watch.push(others[0])
    assert site.watch.dropped["packets_not_analysed"] == 2

    def room() -> bool:
        before = site.watch.dropped["packets_not_analysed"]
        site.watch.push(others[0])
        assert (
            site.watch.dropped["packets_not_analysed"] == before + 1
        )  # room alone does not do: its references are gone
        site.watch.push(key)
        return site.watch.dropped["packets_not_analysed"] == before + 1

    def ends_well() -> bool:
        if not room():
            return False
        before = site.watch.dropped["packets_not_analysed"]
        site.watch.push(others[0])
        return site.watch.dropped["packets_not_analysed"] == before

    site.run_until(ends_well, "room for a key frame")


def test_large_packets_are_bounded_by_their_bytes(site: Site) -> None:
    key = coded.recorded(0.2)[0]
    large = dataclasses.replace(key, is_key=False, data=key.data + b"\x01" * 2**20)
    for _ in range(60):
        site.watch.push(large)
    assert site.watch.dropped["packets_not_analysed"] == 60 - 24
    site.watch.push(key)  # nearly full: taking it would only drop what follows
    assert site.watch.dropped["packets_not_analysed"] == 60 - 24 + 1


def test_an_analysis_that_failed_begins_anew_and_ends_what_was_open(
    site: Site, walk: list[packets.VideoPacket]
) -> None:
    def fail_once_announced(frame: types.Frame) -> None:
        if site.box.open_behaviours():
            raise RuntimeError("broken")

    site.eyes.before = fail_once_announced
    site.give(walk[:60])
    with pytest.raises(RuntimeError, match="broken"):
        site.watch.run()
    (behaviour,) = site.box.open_behaviours()
    assert site.ends() == 0
    site.eyes.before = lambda frame: None
    site.give(walk[60:])
    site.run_until(lambda: len(site.events()) == 2, "the second announcement")
    (ending,) = site.delivery.next_batch(100, 1 << 20).endings
    assert ending.event_id == behaviour.event_id
    assert len(site.box.open_behaviours()) == 1


def test_what_cannot_be_decoded_is_counted_and_told_and_taken_back_when_it_can(
    site: Site, walk: list[packets.VideoPacket], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(site.stream, "complain", told.append)
    noise = [packet if packet.is_key else dataclasses.replace(packet, data=b"\x00\x00\x01\x41\xff") for packet in walk]
    later_us = walk[-1].captured_us - walk[0].captured_us + 66_667
    site.give(noise)
    site.give([dataclasses.replace(packet, captured_us=packet.captured_us + later_us) for packet in walk])
    site.run_until(lambda: told and told[-1] == "", "the end of the complaint")
    assert "cannot be decoded" in told[0]
    assert site.watch.dropped["undecodable_packets"] > 0


def test_an_idle_camera_with_rare_key_frames_is_looked_at_through_its_small_stream_and_an_alarm_shows_the_large_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = coded.recorded(13, width=WIDTH_PX, height=HEIGHT_PX, gop=4 * coded.FPS, still_s=9)
    small = coded.recorded(13, width=WIDTH_PX // 2, height=HEIGHT_PX // 2, still_s=9)
    modes: list[str] = []
    decode = decoding.Decoder.decode

    def note_mode(self: decoding.Decoder, packet: packets.VideoPacket) -> Sequence[types.Frame]:
        modes.append(f"{site.watch.mode()} {packet.format.width_px}")
        return decode(self, packet)

    monkeypatch.setattr(decoding.Decoder, "decode", note_mode)
    watch = site.make(sub=True)
    site.small.newest_us = small[-1].captured_us
    for from_small, from_large in zip(small, large, strict=True):
        watch.push_small(from_small)
        site.give([from_large])
    site.run_until(site.events, "the intrusion")
    assert f"sub {WIDTH_PX // 2}" in modes
    assert f"sub {WIDTH_PX}" not in modes
    assert modes.count(f"sub {WIDTH_PX // 2}") < 2 * 13, (
        "of a small stream with a key frame a second only key frames are decoded"
    )
    assert {media.signed.manifest.width_px for media in site.delivery.pending_media()} == {WIDTH_PX}
    (report,) = site.delivery.next_batch(10, 1 << 20).reports
    assert 9 <= report.raised_at.timestamp() - coded.START_US / 1e6 < 13
