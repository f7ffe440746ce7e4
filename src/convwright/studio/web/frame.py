"""The frame of every page: the bar at the top, styles, and the script that keeps state in the address."""

from pathlib import Path

from nicegui import ui

from ...files import read_text
from ..shared.html import templates_beside
from .screen import Parts

_HERE = Path(__file__).parent
PAGES = {"/": "Designer", "/bricks": "Bricks", "/field": "Field", "/compare": "Compare", "/runs": "Runs"}


def frame(path: str, folder: Path, parts: Parts) -> None:
    """Fill the page at `path`, by `page.html.j2`, `page.css` and `page.js` of its folder, with its parts."""
    files = [_HERE / "studio", _HERE / "photographs", folder / "page"]
    script, style = ("\n".join(_text(file.with_suffix(suffix)) for file in files) for suffix in (".js", ".css"))
    ui.add_head_html(f"<style>{style}</style><script>{script}</script>")
    # Made by templates, which escape whatever is put into them.
    ui.html(templates_beside(__file__)("bar.html.j2", pages=PAGES, current=path), sanitize=False, tag="header").classes(
        "bar"
    )
    page = templates_beside(str(folder / "page.py"))("page.html.j2", parts=parts)
    ui.html(page, sanitize=False).props("id=main").classes(folder.name)


def _text(file: Path) -> str:
    return read_text(file) if file.exists() else ""
