"""What every page has: the bar at the top, styles, and the script that keeps state in the address."""

from pathlib import Path

from nicegui import ui

from ...files import read_text

_STATIC = Path(__file__).parents[1] / "static"
_PAGES = {"/": "Designer", "/bricks": "Bricks", "/field": "Field", "/compare": "Compare", "/runs": "Runs"}
_SHARED = ("studio", "photographs")


def frame(path: str) -> None:
    """Begin the page at `path`, with the styles and the script of its name in `static`, where it has any."""
    names = (*_SHARED, _PAGES[path].lower())
    script, style = ("\n".join(_static(name, suffix) for name in names) for suffix in (".js", ".css"))
    ui.add_head_html(f"<style>{style}</style><script>{script}</script>")
    current = ' aria-current="page"'
    links = "".join(
        f'<a href="{place}"{current if place == path else ""}>{title}</a>' for place, title in _PAGES.items()
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


def _static(name: str, suffix: str) -> str:
    path = (_STATIC / name).with_suffix(suffix)
    return read_text(path) if path.exists() else ""
