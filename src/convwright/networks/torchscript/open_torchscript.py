"""Open a file that `torch.jit.save` wrote."""

import warnings
import zipfile
from pathlib import Path

import torch

from ...errors import ConvwrightError
from ..name import NetworkName
from ..network import Network
from .script_network import script_class


def holds_torchscript(path: str) -> bool:
    """Return True for an archive that `torch.jit.save` wrote, whatever its name; weights have no code in them."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.partition("/")[2].startswith("code/") for name in archive.namelist())


def open_torchscript(name: NetworkName) -> Network:
    """Load a network that `torch.jit.save` wrote, on the CPU, with the modules that it was made from.

    Its graphs run node by node, by functions of torch, so that a trace sees every operator. A traced network has the
    path, and the train or eval mode, of the pass in which it was traced.

    Raises
    ------
    ConvwrightError
        When there is no such file, or it holds no network of TorchScript.
    """
    path = name.text
    if not Path(path).is_file():
        raise ConvwrightError(f"{path} does not exist", expected="a file that torch.jit.save wrote")
    if not holds_torchscript(path):
        problem = f"{path} holds no network of TorchScript"
        hint = "weights alone are no network: name the file of its class, as net.py:Net"
        raise ConvwrightError(problem, expected="a file that torch.jit.save wrote", hint=hint)
    try:
        with warnings.catch_warnings(action="ignore"):  # that TorchScript is deprecated
            script = torch.jit.load(path, map_location="cpu")  # type: ignore[no-untyped-call]
        module = script_class(script)(script)
    except RuntimeError as error:
        reason = str(error).strip().partition("\n")[0]
        raise ConvwrightError(f"{path} cannot be read as a network of TorchScript: {reason}") from error
    told = "a traced file keeps the path and the mode, train or eval, of the pass that was traced"
    return Network(module=module, label=path, assumed=(told,))
