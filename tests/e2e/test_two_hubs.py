"""Two hubs as real processes share a fire upward: each looks at the other's pictures within the other's grant, and goes on when the way between them is cut."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.sharing_hub.api import test_live
from tests.support import commands, two_hubs, waiting

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]
WAIT_S = 20.0
CLIP = bytes(range(256)) * 400


def test_a_fire_goes_up_is_looked_at_within_both_grants_and_both_go_on_alone(tmp_path: Path) -> None:
    with two_hubs.running(tmp_path) as pair:
        here, there = a_confirmed_fire_goes_up(pair)
        clip = the_city_looks_at_the_districts_clip(pair, there)
        who_may_not_here_does_not_get_there(pair, there, clip)
        the_district_watches_the_citys_camera(pair, here)
        what_the_city_does_comes_back(pair, here, there)
        what_the_district_revokes_ends_in_the_city(pair, here, there, clip)
        cut_off_both_go_on(pair, there)
        mended_everything_arrives_once(pair, here)
        for side in (pair.district, pair.city):
            assert side.process.stop() == 0
            code, said = side.process.check()
            assert code == 0, said
            verified = commands.call("sharing_hub", "ledger", "verify", "--data", side.process.data_dir)
            assert verified.returncode == 0, verified.stdout + verified.stderr


def a_confirmed_fire_goes_up(pair: two_hubs.Pair) -> tuple[str, str]:
    """Return the incident's id at the district and at the city."""
    here, report = pair.district.alarm()
    pair.district.send(report, "still", b"\xff\xd8 a still of the district's road")
    pair.district.send(report, "clip", CLIP)
    assert pair.city.incidents() == [], "what nobody confirmed stays in the district"
    pair.district.post(f"/v1/incidents/{here}/confirm", {"note": "it burns"})
    (there,) = waiting.wait_until(pair.city.incidents, WAIT_S, "the fire at the city")
    assert (there["opened_by_agency"], there["state"], there["severity"]) == (two_hubs.DISTRICT, "new", 1)
    assert "fire (confirmed" in there["description"]
    waiting.wait_until(
        lambda: state(pair.district, here) == "notified", WAIT_S, "the district to know that it was told"
    )
    return here, str(there["incident_id"])


def the_city_looks_at_the_districts_clip(pair: two_hubs.Pair, there: str) -> str:
    """Return the path of the clip."""
    path = f"/v1/incidents/{there}/peers/{two_hubs.DISTRICT}"
    lent = pair.city.get(path)
    assert [one["camera_id"] for one in lent["cameras"]] == [pair.district.camera_id]
    files = {one["form"]: one["media_id"] for one in lent["media"]}
    clip = f"{path}/media/{files['clip']}"
    browser = pair.city.browsers["operator"]
    still = browser.get(f"{path}/media/{files['still']}", params={"why": "how large is it"})
    assert (still.status_code, still.headers["content-type"]) == (200, "image/jpeg")
    part = browser.get(clip, params={"why": "how large is it"}, headers={"Range": "bytes=256-511"})
    assert (part.status_code, part.content) == (206, CLIP[:256])
    assert browser.get(clip, params={"why": "how large is it"}).content == CLIP
    (camera,) = lent["cameras"]
    renewed = pair.city.post(f"{path}/grants/{camera['grant_id']}/renew")
    assert renewed["until"] > camera["until"]
    (look,) = looks(pair.district, "clip")
    assert (look["agency_id"], look["why"]) == (two_hubs.CITY, "operator-kim: how large is it")
    (own,) = looks(pair.city, "clip")
    assert (own["camera_id"], own["decision"]) == (f"{two_hubs.DISTRICT}:{pair.district.camera_id}", "permit")
    assert own["legal_basis"] == look["legal_basis"] == "18-2-3"
    return clip


def who_may_not_here_does_not_get_there(pair: two_hubs.Pair, there: str, clip: str) -> None:
    before = len(looks(pair.district, "clip"))
    for role, status in (("auditor", 403), ("partner", 404)):
        assert pair.city.browsers[role].get(clip, params={"why": "curious"}).status_code == status
    assert len(looks(pair.district, "clip")) == before, "who is refused here is not asked for there"
    elsewhere = pair.city.browsers["operator"].get(f"/v1/incidents/{there}/peers/next-town")
    assert elsewhere.status_code == 404


def the_district_watches_the_citys_camera(pair: two_hubs.Pair, here: str) -> None:
    path = f"/v1/incidents/{here}/peers/{two_hubs.CITY}"
    assert [one["camera_id"] for one in pair.district.get(path)["cameras"]] == [pair.city.camera_id]
    operator = pair.district.browsers["operator"]

    async def scene(watcher: test_live.Watcher) -> None:
        answer = await watcher.post(operator, f"{path}/live/{pair.city.camera_id}?why=where+is+the+smoke")
        assert answer.status_code == 201, answer.text
        assert await watcher.frames(10) == 960
        assert (await asyncio.to_thread(operator.delete, answer.headers["location"])).status_code == 204

    async def logged_out(watcher: test_live.Watcher) -> None:
        leaving = pair.district.browsers["admin"]
        answer = await watcher.post(leaving, f"{path}/live/{pair.city.camera_id}?why=where+is+the+smoke")
        assert answer.status_code == 201, answer.text
        assert await watcher.frames(2) == 960
        assert (await asyncio.to_thread(leaving.delete, "/v1/session")).status_code == 204

    for ended in (scene, logged_out):
        test_live.play(ended)
        waiting.wait_until(lambda: not pair.city.agent.pushing, WAIT_S, "the city's camera to be watched no more")
    assert [one["decision"] for one in looks(pair.district, "live") + looks(pair.city, "live")] == ["permit"] * 4


def what_the_city_does_comes_back(pair: two_hubs.Pair, here: str, there: str) -> None:
    pair.city.post(f"/v1/incidents/{there}/confirm", {"note": "we see it too"})
    waiting.wait_until(lambda: state(pair.district, here) == "accepted", WAIT_S, "the district to hear of it")


def what_the_district_revokes_ends_in_the_city(pair: two_hubs.Pair, here: str, there: str, clip: str) -> None:
    leader = pair.district.browsers["leader"]
    for grant in leader.get("/v1/grants").json():
        answer = leader.post(f"/v1/grants/{grant['grant_id']}/revoke", json={"why": "enough was seen"})
        assert answer.status_code == 204, answer.text
    waiting.wait_until(
        lambda: pair.city.browsers["operator"].get(clip, params={"why": "once more"}).status_code in (403, 404),
        2.0, "the city to be refused",
    )  # fmt: skip
    assert pair.city.get(f"/v1/incidents/{there}/peers/{two_hubs.DISTRICT}")["cameras"] == []


def cut_off_both_go_on(pair: two_hubs.Pair, there: str) -> None:
    pair.cut()
    refused = pair.city.browsers["operator"].get(f"/v1/incidents/{there}/peers/{two_hubs.DISTRICT}")
    assert refused.status_code == 503
    assert "does not answer" in refused.json()["detail"]
    pair.city.post(f"/v1/incidents/{there}/resolve", {"note": "out"})
    second, _ = pair.district.alarm()
    pair.district.post(f"/v1/incidents/{second}/confirm", {"note": "another one"})
    waiting.wait_until(lambda: way(pair.district)["waiting"] == 1, WAIT_S, "the message to wait")
    waiting.wait_until(lambda: way(pair.district)["fault"] and way(pair.city)["fault"], WAIT_S, "both to know of it")
    pair.district.restart()
    assert way(pair.district)["waiting"] == 1


def mended_everything_arrives_once(pair: two_hubs.Pair, here: str) -> None:
    pair.up.target = int(pair.city.process.url.rsplit(":", 1)[1])
    pair.down.target = int(pair.district.process.url.rsplit(":", 1)[1])
    pair.mend()
    waiting.wait_until(lambda: len(pair.city.incidents()) == 2, 3 * WAIT_S, "the second fire at the city")
    waiting.wait_until(lambda: way(pair.district)["waiting"] == 0, WAIT_S, "nothing to wait any more")
    waiting.wait_until(lambda: state(pair.district, here) == "resolved", 3 * WAIT_S, "the city's word on the first")
    waiting.wait_until(lambda: not way(pair.city)["fault"], WAIT_S, "the city to know that the way is whole")
    assert len(pair.city.incidents()) == 2


def state(side: two_hubs.Side, incident_id: str) -> str:
    return str(side.get(f"/v1/incidents/{incident_id}")["state"])


def way(side: two_hubs.Side) -> Any:
    (one,) = side.get("/v1/peers")
    return one


def looks(side: two_hubs.Side, action: str) -> list[Any]:
    return [one for one in side.get("/v1/looks", role="auditor")["items"] if one["action"] == action]
