"""A TCP proxy that breaks the way on demand: cut, reset, stall, slow, half answers. Standard library only.

    with FaultProxy(target=("127.0.0.1", 4566)) as way:
        way.cut()      # connections are refused and running ones end
        way.restore()

Also a program: `python -m tests.tools.fault_proxy --listen 127.0.0.1:4567 --target 127.0.0.1:4566` reads one word per
line from its standard input: pass, cut, reset, stall, slow, half.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import socket
import struct
import sys
import threading
from typing import Self

MODES = ("pass", "cut", "reset", "stall", "slow", "half")
CHUNK = 65_536
SLOW_BYTES, SLOW_SECONDS = 16, 0.1
HALF_BYTES = 64


class FaultProxy:
    """Runs its own event loop in a thread, so that any test may use it; `port` is known after `start`."""

    def __init__(self, *, target: tuple[str, int], port: int = 0) -> None:
        self.target = target
        self.port = port
        self.mode = "pass"
        self.accepted = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._pass = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, name="fault-proxy", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The way through the proxy."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen; returns when connections are taken."""
        self._thread.start()
        if not self._ready.wait(5):
            raise RuntimeError("the fault proxy did not start")

    def stop(self) -> None:
        """End everything."""
        if self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def cut(self) -> None:
        """The far side is gone: running connections end, new ones are closed at once."""
        self.set_mode("cut")

    def restore(self) -> None:
        """All is well again."""
        self.set_mode("pass")

    def set_mode(self, mode: str) -> None:
        """Change what happens to bytes: one of MODES."""
        if mode not in MODES:
            raise ValueError(mode)
        asyncio.run_coroutine_threadsafe(self._set(mode), self._loop).result(5)

    async def _set(self, mode: str) -> None:
        self.mode = mode
        if mode == "pass":
            self._pass.set()
        else:
            self._pass.clear()
        if mode in {"cut", "reset"}:
            self._drop_all(hard=mode == "reset")

    def _drop_all(self, *, hard: bool) -> None:
        for writer in list(self._writers):
            if hard:
                _reset(writer)
            writer.transport.abort() if hard else writer.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()

    async def _listen(self) -> None:
        self._pass.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._drop_all(hard=True)
        tasks = [task for task in asyncio.all_tasks(self._loop) if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self.mode in {"cut", "reset"}:
            if self.mode == "reset":
                _reset(writer)
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        try:
            await asyncio.gather(
                self._pipe(reader, far_writer, back=False), self._pipe(far_reader, writer, back=True)
            )
        finally:
            self._writers -= {writer, far_writer}

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, back: bool) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(CHUNK):
                if self.mode == "stall":
                    await self._pass.wait()
                if self.mode == "half" and back:
                    writer.write(data[:HALF_BYTES])
                    await writer.drain()
                    writer.transport.abort()
                    return
                await self._write(writer, data)
        writer.close()

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if self.mode != "slow":
            writer.write(data)
            await writer.drain()
            return
        for start in range(0, len(data), SLOW_BYTES):
            writer.write(data[start : start + SLOW_BYTES])
            await writer.drain()
            if self.mode == "slow":
                await asyncio.sleep(SLOW_SECONDS)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    raw = writer.get_extra_info("socket")
    if raw is not None and raw.fileno() != -1:  # -1: closed by the other side already
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--target", required=True)
    arguments = parser.parse_args()
    host, _, port = arguments.target.rpartition(":")
    with FaultProxy(target=(host, int(port)), port=int(arguments.listen.rpartition(":")[2])) as proxy:
        for line in sys.stdin:
            if line.strip() in MODES:
                proxy.set_mode(line.strip())


if __name__ == "__main__":
    main()
