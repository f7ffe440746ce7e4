"""A person designs a network in a browser."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from reference.studio_nets import NET


def knob(studio, label):
    return studio.page.get_by_label(label, exact=True)


def total(studio, name):
    return studio.page.locator(".totals div", has=studio.page.get_by_text(name, exact=True)).locator("dd")


def test_a_net_is_built_broken_mended_and_exported(studio, tmp_path):
    page = studio.page
    parameters = 269_722 + 65 * 90  # ninety more classes, each with its bias
    expect(total(studio, "parameters")).to_contain_text("269,722")
    knob(studio, "num classes").fill("100")
    knob(studio, "num classes").press("Enter")
    expect(total(studio, "parameters")).to_contain_text(f"{parameters:,}")
    studio.is_at("/?model=resnet20&num_classes=100")
    knob(studio, "stem").select_option("imagenet")
    expect(page.locator(".finding.warning").first).to_contain_text("CW2")
    marks = page.locator(".layers .mark.warning")
    expect(marks.first).to_be_visible()
    knob(studio, "stem").select_option("none")
    expect(page.get_by_role("alert")).to_contain_text("stem='none' and 3 to 16 channels clash")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(knob(studio, "stem")).to_have_value("imagenet")
    knob(studio, "stem").select_option("cifar")
    expect(total(studio, "parameters")).to_contain_text(f"{parameters:,}")  # findings come after the picture
    expect(page.locator(".finding.warning")).to_have_count(0)
    shown = page.get_by_label("Python code that builds this network")
    expect(shown).not_to_contain_text("imagenet")
    code = shown.inner_text()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Python").click()
    assert saved.value.suggested_filename == "resnet20.py"
    text = saved.value.path().read_text()
    assert text.strip() == code.strip()
    (tmp_path / "made.py").write_text(text + "\nprint(sum(p.numel() for p in model.parameters()))\n")
    said = subprocess.run([sys.executable, tmp_path / "made.py"], capture_output=True, text=True, check=True)
    assert said.stdout == f"{parameters}\n"


def test_undo_redo_and_reload_keep_everything(studio):
    page = studio.page
    undo, redo = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Redo")
    expect(undo).to_be_disabled()
    page.get_by_label("Model").select_option("efficientnet_b0")
    expect(knob(studio, "lite")).to_be_visible()
    knob(studio, "lite").check()
    expect(page).to_have_url(re.compile("lite=yes"))
    page.reload()
    expect(knob(studio, "lite")).to_be_checked()
    expect(undo).to_be_enabled()
    undo.click()
    expect(knob(studio, "lite")).not_to_be_checked()
    page.locator("body").press("Control+z")
    expect(knob(studio, "blocks")).to_have_value("3, 3, 3")
    expect(undo).to_be_disabled()
    redo.click()
    expect(knob(studio, "lite")).to_be_visible()
    page.locator("body").press("Control+Shift+z")
    expect(knob(studio, "lite")).to_be_checked()
    expect(redo).to_be_disabled()
    page.get_by_role("button", name="Reset knobs").click()
    expect(knob(studio, "lite")).not_to_be_checked()
    studio.is_at("/?model=efficientnet_b0")


def test_what_is_not_a_value_is_said_and_what_is_typed_stays(studio):
    knob(studio, "blocks").fill("3, three, 3")
    knob(studio, "blocks").press("Tab")
    expect(studio.page.get_by_role("alert")).to_contain_text("blocks: expected whole numbers with commas between")
    knob(studio, "blocks").fill("1, 1, 1")
    knob(studio, "blocks").press("Tab")
    expect(studio.page.get_by_role("alert")).to_have_count(0)
    studio.is_at("/?model=resnet20&blocks=1,+1,+1")


def test_a_wrong_address_is_a_sentence(studio):
    studio.go("/?model=os:system")
    expect(studio.page.get_by_role("alert")).to_contain_text("unknown model 'os:system'")
    studio.go("/?model=resnet20&stam=cifar")
    expect(studio.page.get_by_role("alert")).to_contain_text("did you mean stem")


def test_a_layer_explains_itself_and_follows_the_knobs(studio):
    page = studio.page
    page.get_by_role("button", name="stem", exact=True).click()
    expect(page.locator(".explained")).to_contain_text("16 * 3 / 1 * 3 * 3 = 432")
    knob(studio, "in channels").fill("1")
    knob(studio, "in channels").press("Enter")
    expect(page.locator(".explained")).to_contain_text("16 * 1 / 1 * 3 * 3 = 144")
    studio.is_at("/?model=resnet20&in_channels=1&layer=stem")
    expect(page.locator(".explained")).to_contain_text("built at convwright/models/")
    expect(page.locator(".field figcaption")).to_contain_text("3 px, jump 1 px, map 32x32")
    before = page.locator(".field img").get_attribute("src")
    page.get_by_label("photograph", exact=True).select_option("rocket")
    expect(page.locator(".field img")).not_to_have_attribute("src", before)
    page.reload()
    expect(page.get_by_label("photograph", exact=True)).to_have_value("rocket")
    studio.is_at("/?model=resnet20&in_channels=1&layer=stem&picture=rocket")
    page.get_by_role("link", name="How it grows, layer by layer").click()
    studio.is_at("/field?model=resnet20&in_channels=1&layer=stem.conv.conv")
    expect(page.get_by_role("alert").filter(has_text="Error")).to_have_count(0)


def test_a_finding_is_fixed_by_the_knob_that_is_offered(studio):
    page = studio.page
    studio.go("/?model=resnet20&norm=none")
    fix = page.locator("#finding-CW309").get_by_role("button", name="Fix")
    fix.press("Enter")
    expect(page.get_by_role("heading", name="Fix CW309")).to_be_focused()
    turn = page.get_by_role("button", name="Set norm to batch")
    expect(turn).to_be_visible(timeout=60_000)
    page.reload()
    expect(turn).to_be_visible(timeout=60_000)
    if page.get_by_role("button", name="Stop").is_visible():
        page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("were tried")).to_be_visible(timeout=60_000)
    expect(page.locator(".offer", has=turn)).to_contain_text("Only before: CW309 deep-without-norm")
    turn.click()
    expect(page.locator("#finding-CW309")).to_have_count(0)
    expect(page.get_by_role("heading", name="Fix CW309")).to_have_count(0)
    studio.is_at("/?model=resnet20")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#finding-CW309")).to_be_visible()


def test_the_file_is_edited_once_its_diff_was_seen_and_as_it_was_again(studio_of):
    with studio_of(NET) as (own, file):
        page = own.page
        page.get_by_role("button", name="Fix (same output) ... CW301").click()
        diff = page.get_by_label("What changes in the file")
        expect(diff).to_contain_text("+        nn.Conv2d(3, 8, 3, bias=False),  # first")
        assert file.read_text() == NET
        page.get_by_role("button", name="Write this to the file (same output)").click()
        expect(page.locator("#finding-CW301")).to_have_count(0)
        assert file.read_text() == NET.replace("3, 8, 3)", "3, 8, 3, bias=False)")
        page.get_by_role("button", name="Take the last fix back").click()
        expect(page.locator("#finding-CW301")).to_be_visible()
        assert file.read_text() == NET
        page.get_by_role("button", name="0", exact=True).click()
        expect(page.get_by_label("The source of 0")).to_have_text("nn.Conv2d(3, 8, 3),  # first")
        assert [each.name for each in file.parent.iterdir()] == ["net.py"]


def test_a_design_is_pinned_and_seen_beside_the_next(studio):
    page = studio.page
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(page.get_by_text("Both are the same design")).to_be_visible()
    knob(studio, "stem").select_option("imagenet")
    beside = page.get_by_role("region", name="Side by side", exact=True)
    expect(beside.get_by_role("row", name="stem cifar imagenet")).to_be_visible()
    expect(beside).to_contain_text("Only this: CW201")
    address = "/?model=resnet20&stem=imagenet&with=model%3Dresnet20"
    studio.is_at(address)
    page.reload()
    expect(beside.get_by_role("row", name="stem cifar imagenet")).to_be_visible()
    page.get_by_role("button", name="Unpin").click()
    expect(beside).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(beside).to_be_visible()
    studio.is_at(address)


def test_findings_and_layers_lead_to_each_other(studio):
    page = studio.page
    link = page.locator(".finding a").first
    place = link.get_attribute("href")
    link.press("Enter")
    expect(page.locator(place)).to_be_focused()
    page.locator(".finding summary").first.press("Enter")
    expect(page.locator(".finding details p").first).to_be_visible()
    studio.is_at("/?model=resnet20")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", ["/?model=efficientnet_b0", "/?model=resnet50&layer=stem&with=model%3Dresnet18"])
def test_nothing_is_wider_than_the_window_and_every_control_is_named(studio, width, path):
    page = studio.page
    page.set_viewport_size({"width": width, "height": 844})
    studio.go(path)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for control in page.locator("main :is(input, select, textarea)").all():
        assert control.evaluate("control => control.labels.length === 1 && control.labels[0].innerText.length > 1")
