"""What surrounds every page: who gets in, the theme, the keyboard."""

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect


def answer(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as said:
            return said.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_a_stranger_is_not_let_in_and_the_cookie_is_no_script_s(studio):
    base = studio.base
    (cookie,) = studio.page.context.cookies()
    ours = f"{cookie['name']}={cookie['value']}"
    assert cookie["httpOnly"]
    assert answer(base) == 403
    assert answer(base + "/?token=wrong") == 403
    assert answer(base, Cookie=ours) == 200
    assert answer(base, Cookie=ours, Host="evil.example") == 403
    assert answer(base, Cookie=ours, Origin="http://evil.example") == 403
    polling = base + "/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    assert answer(polling, Cookie=ours, Origin="http://evil.example") == 403


@pytest.mark.parametrize("code", ["fetch('http://127.0.0.1:9/')", "new Image().src = 'http://127.0.0.1:9/x.png'"])
def test_the_page_cannot_reach_another_server(studio, code):
    page = studio.page
    page.evaluate("addEventListener('securitypolicyviolation', (event) => { window.refused = event.blockedURI; })")
    page.evaluate(f"() => {{ try {{ {code}; }} catch {{}} }}")
    page.wait_for_function("window.refused !== undefined")
    assert page.evaluate("window.refused").startswith("http://127.0.0.1:9/")
    assert any("Content Security Policy" in said for said in studio.wrong)
    studio.wrong.clear()


def test_the_theme_is_kept(studio):
    page = studio.page
    background = "getComputedStyle(document.body).backgroundColor"
    page.emulate_media(color_scheme="light")
    light = page.evaluate(background)
    page.get_by_role("button", name="Theme").click()
    dark = page.evaluate(background)
    assert dark != light
    page.reload()
    expect(page.locator("#undo")).to_be_visible()
    assert page.evaluate(background) == dark
    page.get_by_role("button", name="Theme").click()
    assert page.evaluate(background) == light


def test_the_keyboard_reaches_the_content_first(studio):
    page = studio.page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
