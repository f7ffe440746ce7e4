"""A person looks for a network that a budget allows."""

from playwright.sync_api import expect


def test_a_network_is_found_by_its_budget_and_opened(studio):
    page = studio.page
    studio.go("/compare")
    rows = page.locator("tbody tr")
    expect(page.get_by_text("80 of 80 models")).to_be_visible(timeout=120_000)
    page.get_by_label("parameters, at most").fill("1")
    page.get_by_label("MACs, at most").fill("100")
    page.get_by_label("field, at least").fill("128")
    expect(rows).to_have_count(4)
    page.get_by_label("name has").fill("resnet")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="MACs").click()
    page.get_by_role("button", name="MACs").click()
    expect(page.get_by_role("columnheader", name="MACs")).to_have_attribute("aria-sort", "descending")
    expect(rows.first.get_by_role("link")).to_have_text("resnet44")
    page.reload()
    expect(rows).to_have_count(2)
    expect(page.get_by_label("name has")).to_have_value("resnet")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    rows.first.get_by_role("link").click()
    expect(page.get_by_label("Model")).to_have_value("resnet44")
    assert studio.url() == "/?model=resnet44"
