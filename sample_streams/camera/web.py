"""HTTP listeners inside this process's event loop, for the knobs and for ONVIF."""

from aiohttp import web

MAX_BODY_BYTES = 64 * 1024


def application() -> web.Application:
    """Return an empty application that refuses long bodies."""
    return web.Application(client_max_size=MAX_BODY_BYTES)


async def listen(app: web.Application, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Serve `app` on a port (0: a free one).

    Returns:
        What to `cleanup()` at the end, and the port.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner, int(runner.addresses[0][1])
