"""The name of a network: MODEL of a command line, with its arguments and weights."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .reading.installed import is_source_file

FORMS = (
    "a zoo name, torchvision:NAME, timm:NAME, path/to/file.py:factory, package.module:factory, net.pt2, net.onnx or "
    "net.pt"
)
LIBRARIES = ("torchvision", "timm")
TORCHSCRIPT = (".pt", ".pth", ".ts", ".torchscript")
SAVED = (".pt2", ".onnx", *TORCHSCRIPT)


@dataclass(frozen=True, kw_only=True)
class NetworkName:
    """A network as it is named on a command line; `open_network` builds it.

    Attributes
    ----------
    text : str
        A zoo name, `torchvision:NAME`, `timm:NAME`, `path/to/file.py:factory` or `package.module:factory`. The
        factory is a class or function that returns an `nn.Module`, or the module itself; a file alone stands for its
        only network. Or a file with a saved network: `net.pt2` of torch.export, `net.onnx`, or
        `net.pt` of TorchScript.
    arguments : mapping
        Keyword arguments for the factory; see `parse_arguments`.
    weights : str
        "" for fresh weights. For the zoo what `build` takes; for a network of torchvision also `torchvision` or
        `torchvision:ENUM`, for one of timm also `timm`; else the path of a file.
    run_all : bool
        True runs every statement of the user's files, as Python would; else only those that define something.

    Examples
    --------
    >>> name = NetworkName(text="models/net.py:Net", arguments={"width": 0.5})
    >>> name.source, name.factory, name.is_from_zoo
    ('models/net.py', 'Net', False)
    """

    text: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    weights: str = ""
    run_all: bool = False

    @property
    def source(self) -> str:
        """The file, package or library before the last colon; "" for the zoo."""
        return self.text if self._is_file else self.text.rpartition(":")[0]

    @property
    def factory(self) -> str:
        """The name after the last colon; the whole text for the zoo, "" for a file's only network."""
        return "" if self._is_file else self.text.rpartition(":")[2]

    @property
    def is_from_zoo(self) -> bool:
        """True for a name without a colon that is no file."""
        return ":" not in self.text and not self._is_file

    @property
    def _is_file(self) -> bool:
        return is_source_file(self.text) or self.is_saved

    @property
    def is_saved(self) -> bool:
        """True for a file that holds a network itself, in place of the code that builds it."""
        return self.text.endswith(SAVED)

    @property
    def is_users(self) -> bool:
        """True if opening the network runs a file or package of the user's."""
        return not self.is_from_zoo and self.source not in LIBRARIES

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, the text under "model"."""
        return {
            "model": self.text,
            "arguments": dict(self.arguments),
            "weights": self.weights,
            "run_all": self.run_all,
        }
