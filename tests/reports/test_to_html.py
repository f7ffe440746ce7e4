"""Pages are filled with words that cannot break them."""

from convwright.reports.to_html import embedded, flat, render


def test_names_become_text(tmp_path):
    (tmp_path / "page.html.j2").write_text("<p>{{ name }}</p>", encoding="utf-8")
    assert render("page.html.j2", folders=(tmp_path,), name="<b>") == "<p>&lt;b&gt;</p>"


def test_nested_values_get_dotted_names_and_empty_ones_are_left_out():
    values = {"epochs": 3, "optimizer": {"name": "sgd", "clip": None}, "note": ""}
    assert flat(values) == [("epochs", "3"), ("optimizer.name", "sgd")]


def test_a_picture_becomes_an_address():
    assert embedded(b"png") == "data:image/png;base64,cG5n"
