"""The zoo: every family of this folder, built by name."""

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any, cast

import torch

from ..discover import discover
from ..errors import ConvwrightError, unknown
from .family import Family
from .initialize import allocated, initialize, zero_last_gammas
from .net import ConvNet, NetConfig
from .weights import load_weights


@cache
def families() -> dict[str, Family]:
    """Every family by its file's name."""
    return cast(dict[str, Family], discover(__package__, "FAMILY"))


@cache
def _variants() -> dict[str, str]:
    """Every model's name, and its family's."""
    homes: dict[str, str] = {}
    for family_name, family in families().items():
        for name in family.variants:
            if name in homes:
                raise ConvwrightError(f"model {name!r} is in both {homes[name]} and {family_name}")
            homes[name] = family_name
    return homes


def model_names() -> list[str]:
    """The names that `build` takes, in alphabetical order of family, then as the family lists them.

    >>> "resnet50" in model_names()
    True
    """
    return list(_variants())


def family_of(name: str) -> str:
    """The family that a model belongs to.

    Raises
    ------
    ConvwrightError
        For a name that is not in the zoo, with the nearest ones.
    """
    if name not in _variants():
        raise unknown("model", name, _variants(), hint="`convwright models` lists them")
    return _variants()[name]


def config_of(name: str, **options: Any) -> NetConfig:
    """The config of a model, with some fields changed.

    >>> config_of("resnet18", in_channels=1).in_channels
    1
    """
    config = families()[family_of(name)].variants[name]
    return replace(config, **_checked(name, config, options))


def build(
    name: str,
    *,
    weights: str | None = None,
    device: str | torch.device | None = None,
    seed: int = 0,
    **options: Any,
) -> ConvNet:
    """Build a model of the zoo, in training mode as torch builds modules.

    Parameters
    ----------
    name : str
        One of `model_names()`.
    weights : str, optional
        "torchvision" or "torchvision:IMAGENET1K_V2", "package", "hf:owner/repository", or a path to a `.pth`
        or `.safetensors` file; see `load_weights`. Freshly initialized when left out.
    device : str or torch.device, optional
        torch's default device when left out. "meta" builds the structure alone, in milliseconds.
    seed : int
        Seed of the initial weights; torch's global generator is not used.
    **options
        Fields of the family's config: num_classes, in_channels, stem, head, downsample, width, depth, ...

    Raises
    ------
    ConvwrightError
        For an unknown name or option, a value that is out of range, two options that clash, or weights that
        cannot be had or do not fit.

    Examples
    --------
    >>> model = build("resnet18", num_classes=10, device="meta")
    >>> model(torch.empty(2, 3, 64, 64, device="meta")).shape
    torch.Size([2, 10])
    """
    family = families()[family_of(name)]
    config = config_of(name, **options)
    place = torch.get_default_device() if device is None else torch.device(device)
    with torch.device("meta"):
        model = family.module(config)
    if weights is None and place.type == "meta":
        return model
    with torch.device("cpu"):
        initialize(allocated(model), model.init, seed=seed)
        if getattr(config, "zero_init_last", False):
            zero_last_gammas(model)
        if weights is not None:
            load_weights(model, weights, name=name, layouts=family.layouts)
    return model.to(place)


def _checked(name: str, config: NetConfig, options: Mapping[str, Any]) -> dict[str, Any]:
    """`options` as the config's types; `ConvwrightError` for a field that it does not have."""
    known = {f.name: getattr(config, f.name) for f in fields(config)}
    checked = {}
    for option, value in options.items():
        if option not in known:
            raise unknown(f"option of {name}", option, known)
        wanted = type(known[option])
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if wanted is tuple and isinstance(value, list):
            value = tuple(value)
        if type(value) is not wanted:
            raise ConvwrightError(
                f"{option} of {name}", expected=f"{wanted.__name__}, such as {known[option]!r}", got=repr(value)
            )
        checked[option] = value
    return checked
