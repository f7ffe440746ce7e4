"""A figure becomes a picture that fits the page around it."""

from xml.etree import ElementTree

from convwright.reports.figures import as_png, as_svg, new_figure


def test_a_png_has_the_size_that_was_asked_for():
    assert as_png(new_figure(4, 3)).startswith(b"\x89PNG")
    assert int.from_bytes(as_png(new_figure(4, 3))[16:20]) == 4 * 120


def test_a_picture_for_a_page_takes_its_ink_and_says_what_it_shows():
    figure = new_figure(4, 3)
    figure.add_subplot().plot([1, 2], color="black")
    drawn = as_svg(figure, 'a "<line>"')
    root = ElementTree.fromstring(drawn)
    assert root.get("aria-label") == 'a "<line>"'
    assert (root.get("width"), root.get("height")) == (None, None)
    assert "stroke: var(--ink, black)" in drawn
    assert "#ffffff" not in drawn
    assert ">1.0</text>" in drawn
