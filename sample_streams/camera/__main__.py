"""`python -m sample_streams.camera`: reads the options, holds the real clocks and chance, runs until told to stop."""

import asyncio
import contextlib
import datetime
import json
import logging
import signal
import sys
import time
from random import Random

from sample_streams.camera import errors, options, running, stream


def main() -> int:
    """Run the camera; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    try:
        chosen = options.parse(sys.argv[1:])
        asyncio.run(_run(chosen))
    except (errors.CameraError, OSError) as e:
        print(f"sample camera: {e}", file=sys.stderr)
        return 2
    return 0


async def _run(chosen: options.Options) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    clock = stream.Clock(time.monotonic, time.time)
    async with running.cameras(chosen, clock, Random(), datetime.datetime.now(datetime.UTC)) as started:
        print(json.dumps(started.addresses), flush=True)
        stopping = asyncio.create_task(stopped.wait())
        failing = asyncio.create_task(started.wait_for_failure())
        await asyncio.wait((stopping, failing), return_when=asyncio.FIRST_COMPLETED)
        for task in (stopping, failing):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


if __name__ == "__main__":
    sys.exit(main())
