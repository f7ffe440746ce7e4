"""Networks saved as TorchScript, as modules that run the saved graphs by calling torch's Python functions."""

from .open_torchscript import holds_torchscript, open_torchscript

__all__ = ["holds_torchscript", "open_torchscript"]
