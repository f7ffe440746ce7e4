"""A person explainer for a network that a budget allows."""

import re

from playwright.sync_api import expect


def test_a_network_is_found_by_its_budget_and_opened(studio):
    page = studio.page
    studio.go("/compare")
    rows = page.locator("tbody tr")
    page.get_by_label("name has").fill("densenet")
    expect(rows).to_have_count(5, timeout=60_000)
    page.get_by_label("parameters, at most").fill("10")
    expect(rows).to_have_count(2)
    by_macs = page.get_by_role("columnheader", name="MACs")
    by_macs.get_by_role("button").click()
    expect(by_macs).to_have_attribute("aria-sort", "ascending")
    expect(rows.first.get_by_role("link")).to_have_text("densenet_bc_100_12")
    expect(by_macs.get_by_role("button")).to_be_focused()  # though the table was drawn anew
    by_macs.get_by_role("button").click()
    expect(by_macs).to_have_attribute("aria-sort", "descending")
    expect(rows.first.get_by_role("link")).to_have_text("densenet121")
    page.reload()
    expect(rows).to_have_count(2)
    expect(page.get_by_label("name has")).to_have_value("densenet")
    page.get_by_label("field, at least").fill("-1")
    expect(page.get_by_role("alert")).to_contain_text("a number from 0 up")
    page.get_by_label("field, at least").fill("")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    rows.first.get_by_role("link").click()
    expect(page.get_by_label("Model")).to_have_value("densenet121")
    studio.is_at("/?model=densenet121")


def test_points_of_the_plot_are_links_and_two_models_are_set_side_by_side(studio):
    page = studio.page
    studio.go("/compare?words=resnet")
    expect(page.get_by_role("status")).not_to_contain_text("looking", timeout=60_000)
    point = page.locator("#point-resnet34")
    expect(point).to_have_class("point inside")
    expect(page.locator("#point-vgg16")).to_have_class("point")
    page.get_by_label("MACs, at most").fill("3000")
    expect(point).to_have_class("point")
    page.get_by_label("accuracy is drawn against").select_option("parameters")
    expect(page.locator("figcaption")).to_contain_text("against parameters")
    page.get_by_label("Pick resnet20", exact=True).check()
    page.get_by_label("Pick resnet56", exact=True).check()
    beside = page.get_by_role("link", name="Set resnet20 and resnet56 side by side")
    expect(page).to_have_url(re.compile("picked=resnet20%2Cresnet56"))
    page.reload()
    expect(page.get_by_label("Pick resnet20", exact=True)).to_be_checked()
    beside.click()
    expect(page.get_by_role("heading", name="pinned: resnet20")).to_be_visible()
    expect(page.get_by_label("Model")).to_have_value("resnet56")
    page.go_back()
    point.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Model")).to_have_value("resnet34")
