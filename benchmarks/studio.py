"""Knob to picture in a browser, many tabs at once, and memory over many changes: `python studio.py OUT.json`.

A real server and Chromium, both on this machine. The time of a turn goes from the `change` event of a control, as a
person makes it, to the second frame after the facts of the page were replaced: the picture was painted before it began.
"""

import json
import os
import platform
import random
import re
import shutil
import subprocess
import sys
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

MODELS = ("resnet50", "efficientnet_b0")
TURNS = 60
TABS, TURNS_OF_A_TAB, PAUSE_MS = 20, 5, 3_000
CHANGES = 500
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
# Turn a knob as a person does, and say after how many milliseconds the picture that it leads to was there.
TURN = """
async ([name, text]) => {
  const facts = document.querySelector(".facts"), knob = document.getElementById(`knob-${name}`);
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const begun = performance.now();
  const changed = new Promise((done) => {
    const observer = new MutationObserver(() => { observer.disconnect(); done(); });
    observer.observe(facts, { childList: true, subtree: true, characterData: true });
  });
  knob.value = text;
  knob.dispatchEvent(new Event("change", { bubbles: true }));
  await changed;
  await painted();
  return performance.now() - begun;
}
"""
# Many tabs turn at once, so each does it by itself, after pauses that differ.
TURNS_IN_A_TAB = f"""
async ([turns, pauses]) => {{
  const turn = {TURN}, taken = [];
  for (const [i, one] of turns.entries()) {{
    await new Promise((done) => setTimeout(done, pauses[i]));
    taken.push(await turn(one));
  }}
  window.taken = taken;
}}
"""


def _numbers(times: list[float]) -> dict[str, float | int]:
    return {"n": len(times), "median_ms": float(np.median(times)), "p95_ms": float(np.percentile(times, 95)),
            "most_ms": max(times)}  # fmt: skip


def _turns(count: int, seed: int) -> list[tuple[str, str]]:
    """Turns to designs that no view is kept of."""
    sizes = random.Random(seed).sample(range(64, 512), count)
    return [("input_size", str(size)) for size in sizes]


def one_tab(page: Page, base: str, model: str) -> dict[str, Any]:
    page.goto(f"{base}/?model={model}")
    page.wait_for_function("document.title.includes('·')")
    times = []
    for turn in _turns(TURNS + 5, 0):
        times.append(page.evaluate(TURN, turn))
        page.wait_for_timeout(400)  # what the linter says comes after the picture, and nobody turns faster
    return _numbers(times[5:])


def many_tabs(browser: Browser, address: str, base: str, server: int) -> dict[str, Any]:
    contexts = [browser.new_context(viewport={"width": 1280, "height": 900}) for _ in range(TABS)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.goto(address)
        page.goto(f"{base}/?model={MODELS[0]}")
        page.wait_for_function("document.title.includes('·')")
    draw, used = random.Random(0), _cpu_seconds(server)
    for seed, page in enumerate(pages):
        pauses = [draw.uniform(0, 2 * PAUSE_MS) for _ in range(TURNS_OF_A_TAB)]
        page.evaluate(f"(given) => {{ ({TURNS_IN_A_TAB})(given); }}", [_turns(TURNS_OF_A_TAB, seed + 1), pauses])
    for page in pages:
        page.wait_for_function("window.taken !== undefined", timeout=120_000)
    times = [each for page in pages for each in page.evaluate("window.taken")]
    used = (_cpu_seconds(server) - used) / len(times)
    for context in contexts:
        context.close()
    return {"tabs": TABS, "pause_ms": PAUSE_MS, "server_cpu_ms_a_turn": 1000 * used, **_numbers(times)}


def memory(page: Page, base: str, server: int) -> dict[str, Any]:
    page.goto(f"{base}/?model={MODELS[0]}")
    page.wait_for_function("document.title.includes('·')")
    draw, resident = random.Random(1), []
    for change in range(CHANGES + 1):
        if change % 50 == 0:
            resident.append(_resident_mib(server))
        turn = ("num_classes", str(draw.randrange(2, 10**6)))
        page.evaluate(TURN, turn)
    page.wait_for_url(f"**&{'='.join(turn)}")
    return {"changes": CHANGES, "resident_mib_every_50": resident}


def _resident_mib(process: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(encoding="utf-8"))
    assert found
    return int(found[1]) / 1024


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured() -> dict[str, Any]:
    command = [sys.executable, "-u", "-m", "convwright", "studio", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        try:
            assert server.stdout
            address = server.stdout.readline().removeprefix("open ").strip()
            base = address.partition("/?")[0]
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(address)
            result: dict[str, Any] = {"turns": {}}
            for model in MODELS:
                result["turns"][model] = one_tab(page, base, model)
                print(model, result["turns"][model], flush=True)
            result["memory"] = memory(page, base, server.pid)
            print(result["memory"], flush=True)
            result["many_tabs"] = many_tabs(browser, address, base, server.pid)
            print(result["many_tabs"], flush=True)
            result["browser"] = f"Chromium {browser.version}"
            browser.close()
        finally:
            server.terminate()
    return result


def main() -> None:
    begun = time.monotonic()
    versions = {"python": platform.python_version(), **{name: version(name) for name in ("torch", "nicegui")}}
    machine = {"processor": platform.processor() or platform.machine()}
    result = {"date": date.today().isoformat(), **versions, **machine, **measured()}
    Path(sys.argv[1]).write_text(
        json.dumps(result | {"seconds": time.monotonic() - begun}, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
