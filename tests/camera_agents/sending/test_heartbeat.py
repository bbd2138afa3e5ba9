from camera_agents.sending import heartbeat, outbox
from sharing_hub.wire import v1
from tests.support import media_side, messages

RUNNING = heartbeat.Running("jikimi-agent/test", messages.NOON)


def test_a_heartbeat_says_what_the_cameras_say_and_what_waits(box: outbox.Outbox) -> None:
    box.commit_event(messages.report(), None)
    cameras = media_side.Cameras()
    beat = heartbeat.build(cameras, box, {}, RUNNING, messages.after(5))
    assert beat == v1.Heartbeat(
        sent_at=messages.after(5),
        started_at=messages.NOON,
        software="jikimi-agent/test",
        cameras=cameras.cameras(),
        health=cameras.health(),
        disk=cameras.disk(),
        backlog=v1.Backlog(events=1, media=0, media_bytes=0, parked=0, oldest_s=5.0),
    )


def test_what_a_slow_link_lost_is_counted_at_its_camera(box: outbox.Outbox) -> None:
    cameras = media_side.Cameras()
    cameras.states["yard"] = "online"
    beat = heartbeat.build(cameras, box, {"yard": 7}, RUNNING, messages.NOON)
    assert {health.camera_id: health.dropped for health in beat.health} == {"gate": {}, "yard": {"live_units": 7}}
