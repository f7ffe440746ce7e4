"""Facts in, pages out: text, Markdown, JSON and HTML; nothing is measured here."""

from .printed import analyze

__all__ = ["analyze"]
