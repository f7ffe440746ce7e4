"""A person touches the bricks in a browser."""

import re

import pytest
from playwright.sync_api import expect

from convwright.data import sample_images


def slide(studio, label, value):
    slider = studio.page.get_by_label(label, exact=True)
    slider.evaluate("(slider, value) => { slider.value = value; }", str(value))
    slider.dispatch_event("input")
    slider.dispatch_event("change")


def test_a_window_walks_steps_and_follows_the_sliders(studio):
    page = studio.page
    page.emulate_media(reduced_motion="reduce")
    studio.go("/bricks")
    words = page.locator(".words")
    expect(words).to_contain_text("row 10, column 10")
    page.get_by_role("group", name="The walk").focus()
    page.keyboard.press("Home")
    expect(words).to_contain_text("row 1, column 1: sum(w x) = ")
    assert page.locator("[data-stop].later").count() == 99
    page.keyboard.press("ArrowRight")
    expect(words).to_contain_text("row 1, column 2")
    page.locator("[data-stop]").nth(57).click()
    expect(words).to_contain_text("row 6, column 8")
    slide(studio, "stride", 3)
    expect(page.locator(".formulas")).to_contain_text("floor((12 + 2 * 0 - 1 * (3 - 1) - 1) / 3) + 1 = 4")
    studio.is_at("/bricks?lesson=window&stride=3")
    slide(studio, "dilation", 4)
    slide(studio, "kernel size", 9)
    expect(page.get_by_role("alert")).to_contain_text("the window is larger than its map")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_label("kernel size")).to_have_value("3")
    page.get_by_label("brick").select_option("lp")
    expect(page.get_by_label("dilation")).to_be_disabled()
    expect(page.get_by_label("p", exact=True)).to_be_enabled()
    page.reload()
    expect(page.get_by_label("brick")).to_have_value("lp")
    expect(page.locator("[data-stop]")).to_have_count(16)


def test_it_plays_by_itself_until_it_is_stopped(studio):
    page = studio.page
    studio.go("/bricks?stride=4")
    page.get_by_role("button", name="Pause").click()
    words = page.locator(".words")
    said = words.inner_text()
    page.wait_for_timeout(700)
    assert words.inner_text() == said
    page.get_by_role("button", name="First stop").click()
    expect(words).to_contain_text("row 1, column 1")
    page.get_by_role("button", name="Play").click()
    expect(words).to_contain_text("row 3, column 3", timeout=20_000)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_lessons_are_steps_and_keep_the_own_photograph(studio, tmp_path):
    page = studio.page
    studio.go("/bricks")
    page.get_by_label("your own").set_input_files(sample_images()["coffee"])
    expect(page).to_have_url(re.compile(r"picture=yours-\w{12}$"))
    name = page.get_by_label("photograph").input_value()
    page.get_by_role("button", name="A shift by one pixel").click()
    expect(page.locator(".ways tbody tr").first).to_contain_text("convolution, nothing skipped")
    studio.is_at(f"/bricks?lesson=shift&picture={name}")
    slide(studio, "shift", 2)
    expect(page.locator(".ways tbody tr").last.locator("td").last).to_have_text("0.0 %")
    page.reload()
    expect(page.get_by_label("photograph")).to_have_value(name)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-walk]")).to_be_visible()
    (tmp_path / "no.png").write_text("hello")
    page.get_by_label("your own").set_input_files(tmp_path / "no.png")
    expect(page.get_by_role("alert")).to_contain_text("expected a JPEG, PNG or WebP image")
    assert len(studio.wrong) == 1  # Chromium notes each answer that is none
    assert "400" in studio.wrong.pop()
    (tmp_path / "large.jpg").write_bytes(bytes(16 * 2**20 + 1))
    page.get_by_label("your own").set_input_files(tmp_path / "large.jpg")
    expect(page.get_by_role("alert")).to_contain_text("expected at most 16.0 MiB")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("lesson", ["window", "pools", "halves", "shift"])
def test_nothing_is_wider_than_the_window_and_every_control_is_named(studio, width, lesson):
    page = studio.page
    page.set_viewport_size({"width": width, "height": 844})
    studio.go(f"/bricks?lesson={lesson}")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for control in page.locator("main :is(input, select)").all():
        assert control.evaluate("control => control.labels.length === 1 && control.labels[0].innerText.length > 0")
