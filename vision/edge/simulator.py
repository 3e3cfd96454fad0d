"""A camera box without cameras: scripted shoppers, the real counting rules, the real way to the store.

    python -m vision.edge.simulator

Connects to the broker with the certificate of its device (`CN=edge-1`), publishes
`store/<site>/edge/<device>/{state,event,minute,detections,hb}/<camera>/<scope>`, and keeps counting when
the link is away: what was counted arrives later, once. `python -m vision.edge.control` forces a queue or an
audience.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event
from zoneinfo import ZoneInfo

from store.runtime import paths
from vision.edge import control
from vision.edge.engine import Engine
from vision.edge.layout import CAMERAS, DEVICE
from vision.edge.publisher import Address, Publisher
from vision.edge.shoppers import Scene
from vision.edge.spool import Spool

log = logging.getLogger("vision.edge")

HEARTBEAT_EVERY = 10.0
KEEP_EVERY = 10.0


@dataclass(slots=True)
class Box:
    """Everything that runs on one edge box."""

    scene: Scene
    engines: dict[str, Engine]
    spool: Spool
    publisher: Publisher
    control_file: Path
    zone: ZoneInfo
    step_s: float
    _beat_at: float = 0.0
    _kept_at: float = 0.0
    _garbage: int | None = None
    _entered: int | None = None
    _blind: tuple[str, ...] = ()

    def step(self, now: datetime, clock: float) -> None:
        """Let one picture of every camera pass."""
        command = control.read(self.control_file, now.timestamp())
        local = now.astimezone(self.zone)
        hour = local.hour + local.minute / 60
        if self._entered is not None:
            self.scene.let_in(max(0, command.enter - self._entered))
        self._entered = command.enter
        self.scene.step(self.step_s, hour, queue=command.queue, audience=command.audience)
        for code, engine in self.engines.items():
            if code in command.blind:
                self._go_blind(engine, code, now)
                continue
            for message in engine.step(self.scene.seen(code), now):
                self.publisher.tell(message, now)
        self._blind = command.blind
        self._break_something(command.garbage)
        if clock - self._beat_at >= HEARTBEAT_EVERY:
            self._beat_at = clock
            self.publisher.tell(self.publisher.heartbeat(now), now)
        if clock - self._kept_at >= KEEP_EVERY:
            self._kept_at = clock
            self.keep()
        self.publisher.pump(now, clock)

    def keep(self) -> None:
        """Write the running minutes down, so that a restart goes on with them."""
        for code, engine in self.engines.items():
            self.spool.remember(f"minutes/{code}", engine.snapshot())

    def _go_blind(self, engine: Engine, code: str, now: datetime) -> None:
        if code not in self._blind:
            self.publisher.tell(engine.down(now, "no picture"), now)

    def _break_something(self, asked: int) -> None:
        if self._garbage is not None and asked > self._garbage:
            self.publisher.send_broken("camera-entrance", "door")
        self._garbage = asked


def build(options: argparse.Namespace) -> Box:
    """Put a box together from the command line."""
    options.state.mkdir(parents=True, exist_ok=True)
    spool = Spool(options.state / f"{options.device}.sqlite")
    address = Address(
        url=options.mqtt_url,
        site=options.site,
        device=options.device,
        ca=options.pki / "ca.pem",
        certificate=options.pki / f"{options.device}.pem",
        key=options.pki / f"{options.device}.key",
    )
    engines = {view.code: Engine(view, fps=options.fps) for view in CAMERAS}
    for code, engine in engines.items():
        kept = spool.remembered(f"minutes/{code}")
        if kept is not None:
            engine.resume(kept)
    return Box(
        scene=Scene(Random(options.seed), busy=options.busy, always_open=options.always_open),
        engines=engines,
        spool=spool,
        publisher=Publisher(address, spool),
        control_file=options.control,
        zone=ZoneInfo(options.timezone),
        step_s=1 / options.fps,
    )


def options_of(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line; the environment gives the defaults the supervisor uses."""
    parser = argparse.ArgumentParser(description="A simulated camera box.")
    parser.add_argument("--mqtt-url", default=os.environ.get("MQTT_URL") or paths.mqtt_url())
    parser.add_argument("--site", default=os.environ.get("AISLE_SITE") or "demo")
    parser.add_argument("--timezone", default=os.environ.get("AISLE_TIMEZONE") or "Europe/Berlin")
    parser.add_argument("--device", default=DEVICE)
    parser.add_argument("--pki", type=Path, default=paths.pki())
    parser.add_argument("--state", type=Path, default=paths.data() / "edge")
    parser.add_argument("--control", type=Path, default=control.default_file())
    parser.add_argument("--fps", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--busy", type=float, default=1.0, help="multiplies the number of visitors")
    parser.add_argument("--always-open", action="store_true", default=True, help="visitors at night too")
    parser.add_argument("--opening-hours", dest="always_open", action="store_false")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Run until told to stop."""
    options = options_of(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    box = build(options)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log.info("%s watches %s", options.device, ", ".join(box.engines))
    due = time.monotonic()
    while not stop.is_set():
        box.step(datetime.now(UTC), time.monotonic())
        due = max(due + box.step_s, time.monotonic() - 1)
        stop.wait(max(0.0, due - time.monotonic()))
    box.keep()
    box.publisher.close(datetime.now(UTC))
    box.spool.close()


if __name__ == "__main__":
    main()
