"""Inbound: an agency opens an incident, and has the list of cameras and its grant, durably, in a district of 2,500 cameras whose sectors are known.

The application is called in this process, through its own routing, with the agency already proved (who proves it is measured elsewhere).
"""

import dataclasses
import logging
import random
import tempfile
import time
from pathlib import Path

import structlog

from sharing_hub import hub as hubs
from sharing_hub.domain import district
from tests.benchmarks import figures
from tests.support import district_map, hub_site, viewing, within

CAMERAS = 2500
HALF_SIDE_M = 2500.0
GOAL = "<= 300"
POLICE = viewing.viewer("partner", "system", "police-112")


def run(quick: bool) -> list[figures.Figure]:
    """Measure openings, one after another, each at another place and each in a transaction of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))  # a line a request costs
    with tempfile.TemporaryDirectory() as folder, hub_site.opened(Path(folder)) as hub:
        _furnish(hub)
        doors, chance, times = within.Doors(hub), random.Random(7), 20 if quick else 200
        cpu_before = time.process_time()
        waits_ms = sorted(_open(doors, chance, number) for number in range(times))
        cpu_ms = (time.process_time() - cpu_before) * 1000 / times
    p50, p95 = waits_ms[len(waits_ms) // 2], waits_ms[int(len(waits_ms) * 0.95)]
    note = f"{CAMERAS} cameras, {times} openings, p50 {p50:.1f} ms, {cpu_ms:.1f} ms of CPU each"
    return [figures.Figure("inbound incident to camera list, p95", p95, "ms", GOAL, note)]


def _furnish(hub: hubs.Hub) -> None:
    chance = random.Random(1)
    placed = []
    for number in range(CAMERAS):
        camera_id = f"cam-{number}"
        facts = district.CameraFacts(
            camera_id, heading_deg=chance.uniform(0, 360), view_angle_deg=70.0, view_range_m=80.0
        )
        north_m, east_m = (chance.uniform(-HALF_SIDE_M, HALF_SIDE_M) for _ in range(2))
        placed.append(district_map.Placed(camera_id, north_m, east_m, facts))
    district_map.furnish(hub, hub_site.enrol(hub).agent_id, placed)


def _open(doors: within.Doors, chance: random.Random, number: int) -> float:
    place = district_map.beside(*(chance.uniform(-2000, 2000) for _ in range(2)))
    said = {"case_number": f"112-{number}", **dataclasses.asdict(place)}
    start = time.perf_counter()
    answer = doors.call(POLICE, "POST", "/agency/incidents", **said)
    took_ms = (time.perf_counter() - start) * 1000
    if answer.status_code != 201 or len(answer.json()["cameras"]) != 5:
        raise RuntimeError(f"the hub answered {answer.status_code}: {answer.text[:500]}")
    return took_ms
