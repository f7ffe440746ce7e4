"""Networks saved as ONNX, as modules that call torch: every fact about them comes from a trace, as of any network."""

from .open_onnx import open_onnx

__all__ = ["open_onnx"]
