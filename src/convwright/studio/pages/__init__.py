"""The pages, which show what the functions of the studio return and hold no logic."""

from .add import add_pages

__all__ = ["add_pages"]
