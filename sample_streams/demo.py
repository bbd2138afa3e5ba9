"""`jikimi-demo`: the main job on one machine, from the sample cameras to the operators' page.

It starts three real processes (sample camera, hub, agent), enrols the agent, prints where to look, and follows the alarms until
Ctrl-C, which ends every process. Its data live in one folder that is made anew at each start unless --keep is given.
"""

import argparse
import shutil
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from sample_streams import demo_agency, demo_cameras, demo_district, demo_hub, demo_site, processes
from sample_streams import manifest as sample_manifest
from sharing_hub import settings

DEFAULT_PORT = 8700
ADMINISTRATOR = "admin"


def main() -> None:
    """Run the demo until it is interrupted; the exit code is 0 unless a process failed."""
    arguments = _arguments()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    data: Path = arguments.data.resolve()
    if data.exists() and not arguments.keep:
        _clear(data)
    data.mkdir(parents=True, exist_ok=True)
    with processes.Family(data / "logs") as family:
        try:
            failed = _run(family, data, arguments, stop)
        except processes.ProcessFailed as e:
            print(f"\n{e}", file=sys.stderr)
            failed = True
    print("Every process has ended." if not failed else "Stopped.")
    sys.exit(1 if failed else 0)


def _run(family: processes.Family, data: Path, arguments: argparse.Namespace, stop: threading.Event) -> bool:
    clips = sample_manifest.load()
    hub = demo_hub.start(family, data / "hub", arguments.host, arguments.port)
    streams = demo_site.start_cameras(family, clips)
    demo_site.start_agent(family, data / "agent", hub, streams)
    agencies = data / "agencies"
    receiver = _open_agencies(family, hub, data / "hub", agencies)
    print(_welcome(hub, clips, data), flush=True)
    alarms = threading.Thread(target=hub.follow, args=(_tell, stop), name="alarms", daemon=True)
    alarms.start()
    told = threading.Thread(target=demo_agency.follow, args=(receiver, _tell), name="agency", daemon=True)
    told.start()
    demo_site.begin_rounds(streams, stop)
    while not stop.wait(0.5):
        ended = family.first_ended()
        if ended:
            print(f"\n{ended}", file=sys.stderr)
            return True
    print("\nStopping …", flush=True)
    return False


def _open_agencies(
    family: processes.Family, hub: demo_hub.DemoHub, data: Path, folder: Path
) -> "subprocess.Popen[bytes]":
    """Seed the district and start the fire control room's receiver; with the data of an earlier demo, at its earlier address."""
    secret, kept = folder / f"{demo_agency.AGENCY}.webhook", folder / "port"
    if kept.exists():
        return demo_agency.start(family, secret, int(kept.read_text()))
    port = demo_agency.free_port()
    listeners = {demo_agency.AGENCY: f"http://127.0.0.1:{port}/"}
    chosen = settings.load(demo_hub.settings_file(data))
    demo_district.seed(chosen, folder, hub.password, listeners, datetime.now(UTC))
    kept.write_text(str(port))
    return demo_agency.start(family, secret, port)


def _tell(line: str) -> None:
    print(line, flush=True)


def _welcome(hub: demo_hub.DemoHub, clips: sample_manifest.Manifest, data: Path) -> str:
    shown = demo_cameras.table(clips)
    lines = "\n".join(f"  {line}" for line in shown)
    people = ", ".join(person.name for person in demo_district.PEOPLE)
    return f"""
지킴이 Jikimi is running: {len(shown)} sample cameras → one agent → the hub.

  Page      {hub.url}
  Name      {ADMINISTRATOR}
  Password  {hub.password}
  People    {people}, with the same password
  Agencies  systems of 119 and 112 with keys in {data / "agencies"}; how they use the API: sharing_hub/AGENCIES.md
  Residents {hub.url}/public
  API       {hub.url}/v1/openapi.json
  Logs      {data / "logs"}

Cameras play their clips in turn, over and over; what each shows, and when in its round it is due:
{lines}

The first alarms appear below and on the page within a minute, every kind within four. Ctrl-C ends everything.
"""


def _clear(data: Path) -> None:
    """Remove an earlier demo's data; refuse a folder that is not one."""
    if any(data.iterdir()) and not (data / "logs").is_dir():
        sys.exit(f"{data} is not empty and not an earlier demo's folder: choose another with --data")
    shutil.rmtree(data)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jikimi-demo", description=__doc__.split("\n")[0])
    parser.add_argument(
        "--data", type=Path, default=Path("demo-data"), help="folder for the demo's data (default %(default)s)"
    )
    parser.add_argument("--keep", action="store_true", help="go on with the data of the last demo")
    parser.add_argument("--host", default="127.0.0.1", help="address of the page (default %(default)s)")
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="port of the page, 0 = any free (default %(default)s)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
