"""Every page opens from the bar, and axe-core finds no serious violation on any, in light and dark.

axe-core is fetched by `npm install axe-core` into node_modules beside this repository's files, or anywhere else that
CONVWRIGHT_AXE names; it is no part of the package.
"""

import os
from pathlib import Path

import pytest

from convwright.studio.bricks.lesson import lessons
from convwright.studio.web.frame import PAGES

AXE = Path("node_modules", "axe-core", "axe.min.js")
STATES = {
    **{title: path for path, title in PAGES.items()},
    "designer with a problem": "/?model=resnet20&stem=none",
    "designer with a layer, beside another": "/?model=resnet20&stem=imagenet&layer=stem&with=model%3Dresnet18",
    **{lesson: f"/bricks?lesson={lesson}" for lesson in lessons()},
    "runs with a problem": "/runs?length=0",
    "a run that is not there": "/runs?run=nowhere",
    "compare within a budget": "/compare?macs_m=1000&picked=resnet18,resnet20",
}
RUN = "axe.run(document, { resultTypes: ['violations'] })"
RUN_CONTRAST = "axe.run(document, { resultTypes: ['violations'], runOnly: ['color-contrast'] })"


@pytest.fixture(scope="session")
def axe():
    """The script."""
    named = os.environ.get("CONVWRIGHT_AXE")
    places = [Path(named)] if named else [folder / AXE for folder in Path(__file__).parents]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        pytest.skip("no axe-core: `npm install axe-core` beside the repository's files, or set CONVWRIGHT_AXE")
    return found.read_text()


def violations(page, axe):
    """What is serious, in words: in light, and of contrast in dark, which only colors depend on."""
    page.evaluate(axe)
    page.emulate_media(color_scheme="light")
    found = serious(page, RUN)
    page.emulate_media(color_scheme="dark")
    return found + serious(page, RUN_CONTRAST)


def serious(page, run):
    return [
        f"{found['id']} ({found['impact']}): {node['html'][:160]} {node['failureSummary'][:300]}"
        for found in page.evaluate(run)["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


def test_every_page_is_a_link_of_the_bar(studio):
    for path, title in PAGES.items():
        studio.page.get_by_role("navigation", name="Pages").get_by_role("link", name=title).click()
        studio.page.wait_for_url(lambda url, path=path: url.startswith(studio.base + path))
        current = studio.page.locator("nav [aria-current=page]")
        assert current.inner_text() == title
        assert studio.page.locator("h1").count() == 1


@pytest.mark.parametrize("state", STATES)
def test_a_page_has_no_serious_violation(studio, axe, state):
    studio.go(STATES[state])
    assert violations(studio.page, axe) == []


def test_a_fix_that_is_offered_has_none(studio, axe):
    page = studio.page
    studio.go("/?model=resnet20&norm=none")
    page.locator("#finding-CW309").get_by_role("button", name="Fix").click()
    page.get_by_role("button", name="Set norm to batch").wait_for()
    page.get_by_role("button", name="Close").wait_for()
    assert violations(page, axe) == []
