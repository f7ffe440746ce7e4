"""What MODEL means on a command line, and its `--input` and `--arg`."""

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from torch import nn

from convwright.errors import ConvwrightError, unknown

from .call_sites import CallSite, recorded_call_sites
from .factories import build, find_factory, parameters_of

DEFAULT_INPUT = (1, 3, 224, 224)
_FORMS = "a zoo name, torchvision:NAME, timm:NAME, path/to/file.py:factory or package.module:factory"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A model that was named on a command line.

    Attributes
    ----------
    model : nn.Module
        As the factory returned it.
    label : str
        How to call it in a report.
    default_input : tuple of int
        A shape it takes: its own where it says so, else (1, 3, 224, 224).
    call_sites : mapping of str to CallSite
        The expression that made each module, by path; empty for a zoo.
    arguments : mapping
        What the factory took, the defaults that it has included; empty for a zoo.
    """

    model: nn.Module
    label: str
    default_input: tuple[int, ...] = DEFAULT_INPUT
    call_sites: Mapping[str, CallSite] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The label and the input shape."""
        return {"label": self.label, "default_input": list(self.default_input)}


def load_target(
    text: str,
    *,
    arguments: Mapping[str, Any] | None = None,
    zoo: Callable[..., nn.Module],
    zoo_names: Iterable[str],
) -> Target:
    """Build the model that `text` names, without pretrained weights.

    Parameters
    ----------
    text : str
        A zoo name, `torchvision:NAME`, `timm:NAME`, `path/to/file.py:factory` or `package.module:factory`. The
        factory is a class or function that returns an `nn.Module`, or the module itself.
    arguments : mapping, optional
        Keyword arguments for the factory; see `parse_arguments`.
    zoo : callable
        Builds a model of the zoo: `zoo(name, **arguments)`.
    zoo_names : iterable of str
        The names it takes.

    Raises
    ------
    ConvwrightError
        When there is no such model, its file fails, or its factory does not build one from these arguments.
    """
    arguments = dict(arguments or {})
    source, separator, name = text.rpartition(":")
    if not separator:
        names = list(zoo_names)
        if text not in names:
            raise unknown("model", text, names, hint=f"MODEL is {_FORMS}")
        return _target(build(partial(zoo, text), arguments, text), text)
    if source == "torchvision":
        return _torchvision(name, arguments)
    if source == "timm":
        return _timm(name, arguments)
    with recorded_call_sites() as sites:
        factory = find_factory(source, name)
        target = _target(build(factory, arguments, text), text)
    taken = {**parameters_of(factory), **arguments}
    return replace(target, call_sites=sites.of(target.model), arguments=taken)


def parse_input(text: str) -> tuple[int, ...]:
    """The shape of `3x224x224`: one image when three sizes are given, otherwise all sizes as they stand.

    >>> parse_input("3x224x224"), parse_input("2x3x64x64")
    ((1, 3, 224, 224), (2, 3, 64, 64))
    """
    parts = text.lower().replace("*", "x").split("x")
    if not all(part.strip().isdigit() and int(part) > 0 for part in parts):
        raise ConvwrightError(f"input {text!r}", expected="sizes such as 3x224x224 or 2x3x64x64", hint="C x H x W")
    shape = tuple(int(part) for part in parts)
    return (1, *shape) if len(shape) == 3 else shape


def parse_arguments(pairs: Sequence[str]) -> dict[str, Any]:
    """The keyword arguments of `key=value` texts; a value that is not a Python literal is a string.

    >>> parse_arguments(["width=0.5", "norm=group", "stages=(2, 2)"])
    {'width': 0.5, 'norm': 'group', 'stages': (2, 2)}
    """
    arguments: dict[str, Any] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator or not key.isidentifier():
            raise ConvwrightError(f"argument {pair!r}", expected="name=value", hint="for example --arg num_classes=10")
        try:
            arguments[key] = ast.literal_eval(value)
        except (SyntaxError, ValueError):
            arguments[key] = value
    return arguments


def _torchvision(name: str, arguments: dict[str, Any]) -> Target:
    import torchvision

    names = torchvision.models.list_models()
    if name not in names:
        raise unknown("torchvision model", name, names)
    weights = next(iter(torchvision.models.get_model_weights(name)), None)
    crop = getattr(weights.transforms(), "crop_size", [224])[0] if weights else 224
    # Random weights of these two take minutes to draw unless told not to.
    quick = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    builder = torchvision.models.get_model_builder(name)
    model = build(builder, {"weights": None, **_without_backbone(builder), **quick, **arguments}, f"torchvision:{name}")
    crop = getattr(model, "image_size", crop)  # a transformer takes the size it was built for, whatever its weights had
    frames = (16,) if builder.__module__.startswith("torchvision.models.video") else ()
    return _target(model, f"torchvision:{name}", (1, 3, *frames, crop, crop))


def _without_backbone(builder: Callable[..., Any]) -> dict[str, None]:
    return {"weights_backbone": None} if "weights_backbone" in inspect.signature(builder).parameters else {}


def _timm(name: str, arguments: dict[str, Any]) -> Target:
    try:
        import timm
    except ImportError:
        raise ConvwrightError(f"timm:{name}", expected="timm to be installed", hint="pip install timm") from None
    names = timm.list_models()
    if name.partition(".")[0] not in names:
        raise unknown("timm model", name, names)
    model = build(timm.create_model, {"model_name": name, "pretrained": False, **arguments}, f"timm:{name}")
    size = getattr(model, "default_cfg", {}).get("input_size", DEFAULT_INPUT[1:])
    return _target(model, f"timm:{name}", (1, *size))


def _target(model: nn.Module, label: str, default_input: tuple[int, ...] = DEFAULT_INPUT) -> Target:
    config = getattr(model, "config", None)
    size, channels = getattr(config, "input_size", None), getattr(config, "in_channels", 3)
    if isinstance(size, int):
        default_input = (1, channels, size, size)
    elif isinstance(size, list | tuple):
        default_input = (1, channels, *size) if len(size) == 2 else (1, *size)
    return Target(model=model, label=label, default_input=default_input)
