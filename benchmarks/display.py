"""Change to screen: from a manager's click until a real player shows the other playlist.

The floor of the same run is a bare WebSocket echo on the same machine: nothing that is pushed can be faster.
The promise is a p95 below one second. `AISLE_E2E_HOME=<folder>` measures the store running there.

    python -m benchmarks.display [rounds]
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from store.runtime import browser as chromium
from tests.e2e.helpers import sign_in
from tests.stack import Stack, discard, free_port, make_stack, running_stack

ROUNDS, ECHOES = 40, 400
RULE = "Leave the store"
PATIENCE_S = 60
WATCH = """
window.changes = [];
new MutationObserver(() => {
  window.changes.push([document.body.dataset.playlist, performance.timeOrigin + performance.now()]);
}).observe(document.body, { attributes: true, attributeFilter: ["data-playlist"] });
"""


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _echo(port: int) -> None:
    async def run() -> None:
        async def answer(socket) -> None:
            async for text in socket:
                await socket.send(text)

        async with serve(answer, "127.0.0.1", port):
            await asyncio.Future()

    asyncio.run(run())


def floor_ms() -> list[float]:
    """Round trips of a short text through a bare echo in another process, in milliseconds."""
    port = free_port()
    server = multiprocessing.get_context("spawn").Process(target=_echo, args=(port,), daemon=True)
    server.start()

    async def run() -> list[float]:
        patience = time.monotonic() + PATIENCE_S
        while True:
            try:
                socket = await connect(f"ws://127.0.0.1:{port}")
                break
            except OSError:
                if time.monotonic() > patience:
                    raise
                await asyncio.sleep(0.05)
        found = []
        async with socket:
            for _ in range(ECHOES):
                begun = time.perf_counter()
                await socket.send('{"topic":"display:display-1","data":{}}')
                await socket.recv()
                found.append((time.perf_counter() - begun) * 1000)
        return found

    try:
        return asyncio.run(run())
    finally:
        server.terminate()


def wait_for(page: Page, playlist: str | None, *, since: float) -> float:
    """When (ms since 1970) the screen changed to `playlist`, or away from the rule's when None."""
    patience = time.monotonic() + PATIENCE_S
    while time.monotonic() < patience:
        for name, at in page.evaluate("window.changes"):
            if at >= since and ((name == "Emergency") == (playlist == "Emergency")):
                return at
        page.wait_for_timeout(20)
    raise SystemExit("the screen did not change")


def measure(browser: Browser, stack: Stack, rounds: int) -> list[float]:
    """Milliseconds from the request that changes the rule to the changed screen."""
    manager = browser.new_context().new_page()
    sign_in(manager, stack, "manager", to="/screens/")
    rule = stack.sql("select id from signage_schedulerule where name = %s", (RULE,))[0][0]
    screen = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    screen.add_init_script("addEventListener('DOMContentLoaded', () => {" + WATCH + "});")
    screen.goto(f"{stack.url}/player/")
    screen.locator("#code", has_text="").wait_for()
    screen.wait_for_timeout(1500)
    code = screen.locator("#code").inner_text()
    token = next(each["value"] for each in manager.context.cookies() if each["name"] == "aisle_csrf")
    headers = {"X-CSRFToken": token, "Referer": stack.url}

    def post(path: str, **form: str) -> None:
        answer = manager.context.request.post(
            f"{stack.url}{path}", form=form, headers=headers, max_redirects=0
        )
        if answer.status != 302:
            raise SystemExit(f"{path}: {answer.status} {answer.text()[:300]}")

    post("/screens/pair/", code=code, display="display-1", name="")
    screen.locator("body[data-item]").wait_for()
    screen.wait_for_timeout(3000)
    found = []
    for step in range(rounds):
        on = step % 2 == 0
        begun = time.time() * 1000
        post(f"/screens/rules/{rule}/switch/", active="1" if on else "0")
        found.append(wait_for(screen, "Emergency" if on else None, since=begun) - begun)
        screen.wait_for_timeout(150 + 37 * (step % 5))
    post(f"/screens/rules/{rule}/switch/", active="0")
    return found


def line(name: str, values: list[float]) -> str:
    """One line of the report."""
    return (
        f"{name:<28} n={len(values):<4} p50 {statistics.median(values):8.1f} ms   "
        f"p95 {percentile(values, 0.95):8.1f} ms   max {max(values):8.1f} ms"
    )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    program = chromium.find()
    if not program:
        raise SystemExit("there is no chromium (AISLE_CHROMIUM)")
    given = os.environ.get("AISLE_E2E_HOME")
    stack = running_stack(Path(given)) if given else make_stack(AISLE_DEMO="1").start()
    arguments = ["--disable-background-networking", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    try:
        floor = floor_ms()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=arguments)
            changes = measure(browser, stack, rounds)
            browser.close()
    finally:
        if not given:
            discard(stack)
    print(line("bare WebSocket echo (floor)", floor))
    print(line("change -> display", changes))
    p95 = percentile(changes, 0.95)
    print(
        f"goal p95 < 1000 ms: {'reached' if p95 < 1000 else 'missed'}; "
        f"p50 is {statistics.median(changes) / statistics.median(floor):.0f} × the floor"
    )


if __name__ == "__main__":
    main()
