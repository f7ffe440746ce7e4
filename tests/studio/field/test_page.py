"""A person explainer at what a network sees."""

import re

import pytest
from playwright.sync_api import expect


def test_a_field_grows_by_keys_clicks_and_play(studio):
    page = studio.page
    studio.go("/field")
    words = page.locator(".words")
    expect(words).to_contain_text("stages.stage3.2.residual.conv2.conv: 81 px")
    page.get_by_role("button", name="The image").click()
    expect(words).to_contain_text("a pixel of the image")
    studio.is_at("/field?model=resnet20&layer=image")
    page.get_by_label("Layer", exact=True).press("ArrowRight")
    expect(words).to_contain_text("stem.conv.conv: 3 px")
    studio.is_at("/field?model=resnet20&layer=stem.conv.conv")
    box = page.locator(".box.now")
    expect(box).to_have_attribute("width", "3")
    page.get_by_role("button", name="stages.stage2.0.residual.conv1.conv").click()
    expect(box).to_have_attribute("width", "17")
    expect(page.locator(".windows tr[aria-current]")).to_contain_text("stages.stage2.0.residual.conv1.conv")
    studio.is_at("/field?model=resnet20&layer=stages.stage2.0.residual.conv1.conv")
    page.reload()
    expect(box).to_have_attribute("width", "17")
    page.get_by_role("button", name="Undo").click()
    expect(box).to_have_attribute("width", "3")
    page.get_by_role("button", name="Play").click()
    expect(box).not_to_have_attribute("width", "3")
    page.get_by_role("button", name="Pause").click()
    expect(page).to_have_url(re.compile("layer=stages"))


def test_the_designer_s_design_goes_along_and_back(studio):
    page = studio.page
    studio.go("/?model=resnet20&stem=imagenet&layer=stem")
    page.get_by_role("link", name="Field", exact=True).click()
    expect(page.locator(".words")).to_contain_text("stem.pool: 11 px")
    studio.is_at("/field?model=resnet20&stem=imagenet&layer=stem")
    expect(page.locator(".windows .mark").first).to_have_text("sees all")
    page.get_by_role("link", name="Turn its knobs in the Designer").click()
    expect(page.get_by_label("stem", exact=True)).to_have_value("imagenet")


def test_the_effective_field_is_measured_and_can_be_stopped(studio):
    page = studio.page
    studio.go("/field?model=resnet20&layer=stages.stage1.1.residual.conv2.conv")
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("button", name="Clear")).to_be_visible(timeout=60_000)
    expect(page.locator(".heat [role=status]")).to_contain_text("where 11 px could count")
    expect(page.get_by_role("img", name="How much each pixel counts")).to_be_visible()
    page.get_by_label("photograph", exact=True).select_option("coffee")
    expect(page.get_by_role("img", name="How much each pixel counts")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("img", name="How much each pixel counts")).to_have_count(0)
    page.get_by_label("Model").select_option("resnet18")
    expect(page.locator(".words")).to_contain_text("435 px")
    page.get_by_role("button", name="Measure").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Measure")).to_be_visible(timeout=60_000)
    studio.is_at("/field?model=resnet18&picture=coffee")
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    studio.go("/bricks")  # and nobody sees the rest of it


def test_a_wrong_address_is_a_sentence(studio):
    studio.go("/field?model=os:system")
    expect(studio.page.get_by_role("alert")).to_contain_text("unknown model 'os:system'")
    studio.go("/field?model=resnet20&layer=head")
    expect(studio.page.get_by_role("alert")).to_contain_text("unknown layer with a window 'head'")


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window_and_every_control_is_named(studio, width):
    page = studio.page
    page.set_viewport_size({"width": width, "height": 844})
    studio.go("/field?model=efficientnet_b0")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for control in page.locator("main :is(input, select)").all():
        assert control.evaluate("control => control.labels.length === 1 && control.labels[0].innerText.length > 1")
