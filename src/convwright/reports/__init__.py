"""Facts in, pages out: text, Markdown, JSON and HTML; nothing is measured here."""

from .analysis.printed import analyze

__all__ = ["analyze"]
