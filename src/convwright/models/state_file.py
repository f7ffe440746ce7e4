"""Files of weights: read without running anything in them, and compared with a model key by key."""

import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ..errors import ConvwrightError
from .key_names import translate
from .net import ConvNet

_WRAPPERS = ("state_dict", "model", "model_state_dict", "state_dict_ema", "model_ema")
_PREFIXES = ("module.", "_orig_mod.", "model.")  # left by DataParallel, torch.compile, Lightning


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors of a `.safetensors` or `.pth` file, by name; no code in the file is run.

    Raises
    ------
    ConvwrightError
        For a file that is damaged, holds more than tensors, or holds none.
    """
    content: object
    try:
        if path.suffix == ".safetensors":
            content = load_file(path)
        else:
            with warnings.catch_warnings():  # about pickle protocols; what matters comes as an error
                warnings.simplefilter("ignore")
                content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as e:  # bytes that are no file of weights make the readers fail in any way
        reason = str(e).strip().partition("\n")[0][:120]
        raise ConvwrightError(
            f"{path} cannot be read as weights ({type(e).__name__}: {reason})",
            expected="a whole .safetensors file, or a .pth file that holds nothing but tensors",
            hint="download it again; files that hold code are never run",
        ) from e
    for wrapper in _WRAPPERS:
        if isinstance(content, dict) and isinstance(content.get(wrapper), dict):
            content = content[wrapper]
            break
    state = {k: v for k, v in content.items() if isinstance(v, Tensor)} if isinstance(content, dict) else {}
    if not state:
        raise ConvwrightError(
            f"{path} holds no weights", expected="a dictionary of tensors", got=type(content).__name__
        )
    return state


def fit(
    state: Mapping[str, Tensor], model: nn.Module, layouts: Mapping[str, Mapping[str, str]], *, origin: str
) -> dict[str, Tensor]:
    """`state` under the names of `model`, complete and of the right shapes.

    Parameters
    ----------
    state : Mapping[str, Tensor]
        Entries under our names or those of one of `layouts`; a common prefix such as `module.` is taken off.
    origin : str
        Name of the file in an error.

    Raises
    ------
    ConvwrightError
        Listing every missing, unexpected and mis-shaped entry, with the likely cause.
    """
    state = _without_prefix(state)
    ours = model.state_dict()
    candidates = [{key: key for key in ours}]
    for table in layouts.values():
        try:
            candidates.append(translate(model, table))
        except LookupError:  # a config far from the published one has layers that the table does not know
            continue
    names = max(candidates, key=lambda names: len(state.keys() & set(names.values())))
    result: dict[str, Tensor] = {}
    missing, misshaped = [], []
    for key, wanted in ours.items():
        theirs = names[key]
        if theirs not in state:
            if not key.endswith("num_batches_tracked"):  # files older than torch 0.4.1 do not count batches
                missing.append(theirs)
                continue
            result[key] = wanted
            continue
        tensor = state[theirs]
        if tensor.shape != wanted.shape and tensor.squeeze().shape == wanted.squeeze().shape:
            tensor = tensor.reshape(wanted.shape)  # a classifier kept as a 1x1 convolution
        if tensor.shape != wanted.shape:
            misshaped.append(f"{theirs} is {tuple(tensor.shape)}, the model's {tuple(wanted.shape)}")
        result[key] = tensor
    unexpected = sorted(state.keys() - set(names.values()))
    if missing or misshaped or unexpected:
        raise _misfit(origin, missing, unexpected, misshaped, model)
    return result


def _without_prefix(state: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    for prefix in _PREFIXES:
        if all(key.startswith(prefix) for key in state):
            return _without_prefix({key.removeprefix(prefix): value for key, value in state.items()})
    return state


def _misfit(
    origin: str, missing: list[str], unexpected: list[str], misshaped: list[str], model: nn.Module
) -> ConvwrightError:
    groups = (("missing", missing), ("unexpected", unexpected), ("of another shape", misshaped))
    lines = [f"{origin} does not fit {type(model).__name__}"]
    for title, entries in groups:
        if entries:
            lines.append(f"  {len(entries)} {title}:")
            lines += [f"    {entry}" for entry in entries]
    return ConvwrightError("\n".join(lines) + "\n ", hint=_likely_cause(missing, unexpected, misshaped, model))


def _likely_cause(missing: list[str], unexpected: list[str], misshaped: list[str], model: nn.Module) -> str:
    if not isinstance(model, ConvNet):
        return "build the network as it was when the file was written: the same arguments, the same number of classes"
    if misshaped and not missing and not unexpected:
        if len(misshaped) <= 2 and all(f", the model's ({model.config.num_classes}" in entry for entry in misshaped):
            return (
                "only the classifier differs: build with the file's num_classes, then call"
                f" model.replace_head({model.config.num_classes})"
            )
        if len(misshaped) == 1:
            return "only the first convolution differs: build with the file's in_channels"
        return "the same layers of other widths: build with the file's width, groups or width_per_group"
    if not misshaped and not missing:
        return "the file has more than the model: a deeper variant, or a head where the model has none?"
    return "this looks like another architecture or another depth; `convwright models` lists the zoo"
