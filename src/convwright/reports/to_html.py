"""HTML pages that open alone, offline: templates, and what they are filled with."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, *, folder: Path = TEMPLATES, **content: Any) -> str:
    """A page of `folder`, which may use what is in `TEMPLATES`; everything in it is escaped."""
    return _environment(folder).get_template(template).render(**content)


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
            rows.append((f"{place}{name}", str(value)))
    return rows


@cache
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader([folder, TEMPLATES]),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
