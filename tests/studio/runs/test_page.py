"""A person trains in a browser."""

import re

from playwright.sync_api import expect

from convwright.data import sample_images

STEP = "Number(/step ([\\d,]+) of/.exec(document.querySelector('.far').innerText)[1].replace(',', ''))"


def start(page, network="resnet20", *, seed, steps):
    page.get_by_label("model", exact=True).select_option(network)
    page.get_by_label("data", exact=True).select_option("digits")
    page.get_by_label("length in").select_option("steps")
    page.get_by_label("length", exact=True).fill(str(steps))
    page.get_by_label("seed").fill(str(seed))
    form = page.get_by_role("form", name="Start a training")
    expect(form.get_by_label("Command")).to_contain_text(f"--set steps={steps} --seed {seed}")
    form.get_by_role("button", name="Start").click()


def state(page):
    return page.locator("h1 .state")


def test_a_short_training_is_started_and_watched_until_it_is_finished(studio):
    page = studio.page
    studio.go("/runs")
    start(page, seed=7, steps=4)
    expect(page.get_by_role("heading", level=1)).to_contain_text("runs/resnet20-digits-7")
    expect(state(page)).to_have_text("running")
    expect(page.get_by_text("when the studio ends, it is stopped as by Ctrl-C")).to_be_visible()
    expect(state(page)).to_have_text("finished", timeout=120_000)
    expect(page.locator("svg.plot")).to_have_count(3)
    expect(page.get_by_label("Table of numbers").locator("tbody tr")).to_have_count(1)
    expect(page.locator(".totals")).to_contain_text("test accuracy")
    studio.is_at("/runs?run=runs/resnet20-digits-7")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Report").click()
    report = opened.value
    expect(report.get_by_role("heading", level=1)).to_have_text("resnet20 on digits")
    report.close()
    answer = page.context.request.get(studio.base + "/runs/report?run=runs/resnet20-digits-7")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none';")
    for name in ("../runs/resnet20-digits-7", "runs", ""):
        assert page.context.request.get(f"{studio.base}/runs/report?run={name}").status == 404
    page.reload()
    expect(state(page)).to_have_text("finished")
    picture = page.get_by_alt_text("Where ")
    expect(picture).to_be_visible(timeout=30_000)
    likeliest = picture.get_attribute("src")
    page.get_by_label("where is").select_option("3")
    expect(page.get_by_alt_text("Where 3 is seen")).to_be_visible()
    page.get_by_label("maps of").select_option("stem")
    expect(page.get_by_role("heading", name="Maps of stem")).to_be_visible()
    expect(page.get_by_alt_text("Channel")).to_have_count(16)
    page.get_by_label("your own").set_input_files(sample_images()["rocket"])
    expect(page).to_have_url(re.compile("picture=yours-"))
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("where is")).to_have_value("")
    expect(picture).to_have_attribute("src", likeliest)
    page.get_by_role("link", name="All runs").click()
    row = page.get_by_role("row", name="runs/resnet20-digits-7")
    expect(row).to_contain_text("finished")
    expect(row).to_contain_text("% test")


def test_a_training_is_stopped_and_goes_on(studio):
    page = studio.page
    studio.go("/runs")
    start(page, seed=8, steps=2000)
    expect(page.locator(".far")).to_contain_text("of 2,000", timeout=120_000)
    page.get_by_role("button", name="Stop").click()
    expect(state(page)).to_have_text("stopped", timeout=60_000)
    step = page.evaluate(STEP)
    page.get_by_role("button", name="Resume").click()
    expect(state(page)).to_have_text("running")
    expect(page.get_by_label("Command")).to_have_text(re.compile("train --resume --run=runs/resnet20-digits-8$"))
    page.wait_for_function(f"{STEP} > {step}", timeout=120_000)
    page.get_by_role("button", name="Stop").click()
    expect(state(page)).to_have_text("stopped", timeout=60_000)


def test_what_cannot_be_started_is_a_sentence(studio):
    page = studio.page
    studio.go("/runs?network=resnet20")
    expect(page.get_by_label("model", exact=True)).to_have_value("resnet20")
    page.get_by_label("length", exact=True).fill("0")
    expect(page.get_by_role("alert")).to_contain_text("length: expected a whole number from 1")
    page.get_by_label("length", exact=True).fill("3")
    expect(page.get_by_role("alert")).to_have_count(0)
    studio.is_at("/runs?network=resnet20&length=3")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("alert")).to_have_count(1)
    studio.go("/runs?run=../elsewhere")
    expect(page.get_by_role("alert")).to_contain_text("unknown run '../elsewhere'")
    page.set_viewport_size({"width": 390, "height": 844})
    studio.go("/runs")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
