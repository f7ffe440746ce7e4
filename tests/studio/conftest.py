"""A studio that runs, and a browser that a person sits at."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from convwright.training.run_status import is_running

expect.set_options(timeout=30_000)  # milliseconds; a machine that runs other tests is slow
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium():
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on PATH: the pages are not walked")
    return path


@contextmanager
def served(model, folder):
    """What the command prints for a model, with its token; it has nothing to complain of."""
    # NiceGUI behaves differently where it believes to be under test.
    environ = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    command = [sys.executable, "-m", "convwright", "studio", model, "--port", "0"]
    environ |= {"PYTHONUNBUFFERED": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=subprocess.STDOUT, text=True, cwd=folder, env=environ) as server:
        try:
            said = server.stdout.readline()
            found = re.fullmatch(r"open (http://127\.0\.0\.1:\d+/\?token=\S+)\n", said)
            assert found, said + server.stdout.read()
            yield found[1]
        finally:
            server.terminate()
            rest = server.stdout.read()
    assert [line for line in rest.splitlines() if not line.endswith(" not found")] == ["Ctrl-C ends it"]


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """Of the studio that all pages share."""
    folder = tmp_path_factory.mktemp("studio")
    with served("resnet20", folder) as address:
        yield address
    assert {each.name for each in folder.iterdir()} <= {"runs"}
    assert not [each for each in folder.glob("runs/*") if is_running(each)]


@dataclass
class Watched:
    """A page, and what it did that it should not have."""

    page: Page
    base: str
    wrong: list[str] = field(default_factory=list)

    def go(self, path):
        self.page.goto(self.base + path)
        self.page.wait_for_selector("#undo")
        self.page.wait_for_function("document.title.includes('·')")

    def is_at(self, path):
        expect(self.page).to_have_url(self.base + path)


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def let_in(browser, address):
    """A browser tab that was let in; at the end, nothing was wrong with it."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True) as context:
        page = context.new_page()
        page.set_default_timeout(30_000)
        watched = Watched(page, address.partition("/?")[0])
        page.on("console", lambda said: said.type in ("error", "warning") and watched.wrong.append(said.text))
        page.on("pageerror", lambda error: watched.wrong.append(str(error)))
        inside = (watched.base, watched.base.replace("http", "ws"), "data:", "blob:")
        page.on("request", lambda asked: asked.url.startswith(inside) or watched.wrong.append(asked.url))
        page.on("websocket", lambda asked: asked.url.startswith(inside) or watched.wrong.append(asked.url))
        page.goto(address)
        page.wait_for_function("document.title.includes('·')")
        yield watched
        assert watched.wrong == []


@pytest.fixture
def studio(browser, address):
    """A tab of the studio that all pages share."""
    with let_in(browser, address) as watched:
        yield watched


@pytest.fixture
def studio_of(browser, tmp_path):
    """A tab of a studio of its own, of the file with a text."""

    @contextmanager
    def opened(text):
        file = tmp_path / "net.py"
        file.write_text(text)
        with served("net.py:Net", tmp_path) as address, let_in(browser, address) as watched:
            yield watched, file

    return opened
