"""The RTSP and RTSPS listeners and the streams behind them."""

import asyncio
import contextlib
import ssl

from sample_streams.camera import rtsp, session


class Server:
    """Listens and plays until closed."""

    def __init__(self, house: session.House) -> None:
        self._house = house
        self._listeners: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._players: list[asyncio.Task[None]] = []

    def play(self) -> None:
        """Start every stream's own task."""
        for camera in self._house.devices.values():
            for name, stream in camera.streams.items():
                self._players.append(asyncio.create_task(stream.run(), name=f"{camera.name}/{name}"))

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Accept clients on a port (0: a free one) and return its number."""
        listener = await asyncio.start_server(self._accept, host, port, ssl=tls, limit=rtsp.MAX_HEAD_BYTES)
        self._listeners.append(listener)
        return int(listener.sockets[0].getsockname()[1])

    async def wait_for_failure(self) -> None:
        """Return only by raising what ended a stream's task."""
        done, _ = await asyncio.wait(self._players, return_when=asyncio.FIRST_EXCEPTION)
        for player in done:
            player.result()

    async def close(self) -> None:
        """Stop listening, throw everybody out and stop playing."""
        for listener in self._listeners:
            listener.close()
        tasks = [*self._connections, *self._players]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._house.udp.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._connections.add(task)
        try:
            await session.Session(self._house, reader, writer).run()
            with contextlib.suppress(ConnectionError, ssl.SSLError, TimeoutError):
                async with asyncio.timeout(5):
                    await writer.wait_closed()
        finally:
            self._connections.discard(task)
