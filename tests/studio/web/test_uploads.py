"""Photographs are sent to the server that runs, by its own pages and by others."""

import http.client
import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from convwright.data import sample_images
from convwright.studio.shared.photographs import MOST_BYTES

CAT = sample_images()["chelsea"].read_bytes()


@pytest.fixture
def send(address):
    """A request as the page makes it, but for the headers that are given."""
    place = urlsplit(address)
    token = parse_qs(place.query)["token"][0]
    ours = {"Cookie": f"convwright_{place.port}={token}", "Origin": f"http://{place.netloc}"}

    def sent(body, **headers):
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
        try:
            given = {name: value for name, value in {**ours, **headers}.items() if value is not None}
            connection.request("POST", "/photographs", body, given)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    return sent


def test_a_photograph_is_kept_and_its_name_said(send):
    status, name = send(CAT)
    assert status == 200
    assert name.startswith("yours-")
    assert send(CAT) == (200, name)
    assert send(iter([CAT[:1000], CAT[1000:]])) == (200, name)


def test_other_sites_may_not_send(send):
    for headers in ({"Origin": "http://evil.example"}, {"Origin": None}, {"Origin": "null"}, {"Cookie": None}):
        status, said = send(CAT, **headers)
        assert status == 403
        assert said.startswith("error: ")


def test_what_is_no_photograph_is_said(send):
    gif = io.BytesIO()
    Image.new("RGB", (8, 8)).save(gif, "GIF")
    for body in (b"", b"<svg/>", gif.getvalue()):
        assert send(body) == (400, "this file: expected a JPEG, PNG or WebP image")
    assert send(CAT[:9000]) == (400, "this image is broken; open it elsewhere and save it again")


def test_too_much_is_refused_however_it_comes(send):
    too_large = (400, "this file: expected at most 16.0 MiB")
    assert send(b"", **{"Content-Length": str(MOST_BYTES + 1)}) == too_large

    def endless():
        for _ in range(MOST_BYTES // 2**20):
            yield bytes(2**20)
        yield b"x"

    assert send(endless()) == too_large


DROP = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 30 });
  canvas.getContext("2d").fillRect(5, 5, 20, 9);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/webp"));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([blob], "dropped.webp"));
  const place = document.querySelector("[data-photographs]");
  place.dispatchEvent(new DragEvent("dragover", { bubbles: true, cancelable: true, dataTransfer }));
  const was = place.classList.contains("dropping");
  place.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
  return was && !place.classList.contains("dropping");
}"""


def test_a_photograph_is_dropped_on_a_page(studio):
    page = studio.page
    studio.go("/bricks?lesson=pools")
    assert page.evaluate(DROP)
    expect(page).to_have_url(re.compile(r"lesson=pools&picture=yours-\w{12}$"))
    expect(page.locator(".card").first).to_contain_text("30x40")
    studio.go("/field")
    name = page.get_by_label("photograph", exact=True).locator("option").last.inner_text()
    page.get_by_label("photograph", exact=True).select_option(name)
    expect(page).to_have_url(re.compile(f"picture={name}$"))
