"""What the benchmarks measure: sample cameras, a hub and one agent, each a process of its own as in service."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support import cameras, hub_process, sites

USER, PASSWORD = "jikimi", "sample"  # without what must be quoted: peers put them into an address as they are
ONLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """The processes, all cameras online."""

    sample: cameras.SampleCamera
    hub: hub_process.HubProcess
    agent: sites.Agent

    def decode_modes(self) -> dict[str, str]:
        """Return how much of each camera's stream is decoded, as the newest heartbeat told the hub."""
        return {name: str(row["decode_mode"]) for name, row in sites.camera_rows(self.hub).items()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The cameras of a site.

    Attributes:
        clips, subs: files of main and sub stream by camera name; without a sub stream the agent is told of none.
        tables: more of each camera's table in agent.toml.
        agent_tables: more of agent.toml before the cameras.
    """

    clips: Mapping[str, Path]
    subs: Mapping[str, Path] | None = None
    tables: str = ""
    agent_tables: str = ""


@contextlib.contextmanager
def started(wanted: Wanted) -> Iterator[Running]:
    """Start everything in a folder that goes with it, and wait until the hub knows every camera online."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder, contextlib.ExitStack() as stack:
        sample = cameras.SampleCamera(wanted.clips, subs=wanted.subs, user=USER, password=PASSWORD)
        stack.enter_context(sample)
        hub = stack.enter_context(hub_process.HubProcess(Path(folder) / "hub"))
        agent = sites.Agent(Path(folder) / "agent", watched(sample, wanted), wanted.agent_tables)
        stack.enter_context(agent.enrol(hub))
        sites.wait_for_states(agent, hub, dict.fromkeys(wanted.clips, "online"), ONLINE_S)
        yield Running(sample, hub, agent)


def watched(sample: cameras.SampleCamera, wanted: Wanted) -> Sequence[sites.Watched]:
    """Return the cameras as the agent's configuration has them."""
    return [sites.Watched(name, sample.url(name), _sub(sample, wanted, name) + wanted.tables) for name in wanted.clips]


def _sub(sample: cameras.SampleCamera, wanted: Wanted, name: str) -> str:
    return f'sub_url = "{sample.url(name, "sub")}"\n' if wanted.subs and name in wanted.subs else ""
