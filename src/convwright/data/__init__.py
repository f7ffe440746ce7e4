"""Images: for now the photographs that ship with the package."""

from .samples import sample_images

__all__ = ["sample_images"]
