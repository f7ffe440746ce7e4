"""Formats to export to, one a file; `formats` finds them."""

from typing import cast

from ...discover import discover
from .export_format import ExportFormat, RunImages

__all__ = ["ExportFormat", "RunImages", "formats"]


def formats() -> dict[str, ExportFormat]:
    """Return the format of every file here, by the file's name with dashes.

    >>> {"onnx", "torch-export"} <= formats().keys()
    True
    """
    found = cast(dict[str, ExportFormat], discover(__name__, "FORMAT"))
    return {name.replace("_", "-"): each for name, each in found.items()}
