"""HTML pages that open alone, offline: templates, and what they are filled with."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, *, folders: tuple[Path, ...] = (), **content: Any) -> Markup:
    """Fill a template of `folders`, or of `TEMPLATES`, escaping everything that is put into it but markup."""
    # A module of a template is markup by itself, as its text is what autoescaping let through.
    return escape(_environment(folders).get_template(template).make_module(content))


def embedded(png: bytes) -> str:
    """A PNG file as the address of an image."""
    return f"data:image/png;base64,{b64encode(png).decode()}"


def flat(values: Mapping[str, Any], place: str = "") -> list[tuple[str, str]]:
    """Name and value of every field, parts under dotted names."""
    rows: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            rows += flat(value, f"{place}{name}.")
        elif value not in (None, ""):
            # As JSON has it, so that what was read from a file and what was not look alike.
            rows.append((f"{place}{name}", str(list(value) if isinstance(value, tuple) else value)))
    return rows


@cache
def _environment(folders: tuple[Path, ...]) -> Environment:
    return Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
