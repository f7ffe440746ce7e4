"""What every page has: the bar at the top, styles, and the script that keeps state in the address."""

from pathlib import Path

from nicegui import ui

from ...files import read_text

_HERE = Path(__file__).parent
PAGES = {"/": "Designer", "/bricks": "Bricks", "/field": "Field", "/compare": "Compare", "/runs": "Runs"}


def frame(path: str, folder: Path) -> None:
    """Begin the page at `path`, with `page.css` and `page.js` of its folder, where it has them."""
    files = [_HERE / "studio", _HERE / "photographs", folder / "page"]
    script, style = ("\n".join(_text(file.with_suffix(suffix)) for file in files) for suffix in (".js", ".css"))
    ui.add_head_html(f"<style>{style}</style><script>{script}</script>")
    current = ' aria-current="page"'
    links = "".join(
        f'<a href="{place}"{current if place == path else ""}>{title}</a>' for place, title in PAGES.items()
    )
    ui.html(
        '<a class="skip" href="#main">Skip to content</a>'
        '<span class="brand">convwright <b>studio</b></span>'
        f'<nav aria-label="Pages">{links}</nav><span class="gap"></span>'
        '<button type="button" id="undo" title="Undo (Ctrl+Z)" disabled>Undo</button>'
        '<button type="button" id="redo" title="Redo (Ctrl+Shift+Z)" disabled>Redo</button>'
        '<button type="button" id="theme" title="Light, dark, or as the system has it">Theme</button>',
        sanitize=False,
        tag="header",
    ).classes("bar")


def _text(file: Path) -> str:
    return read_text(file) if file.exists() else ""
