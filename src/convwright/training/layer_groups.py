"""Layer groups: layers of a network that share a learning rate and the step from which they learn, if ever."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import nn

from ..errors import ConvwrightError, unknown
from .fields import check_fields, number


@dataclass(frozen=True, kw_only=True)
class LayerGroup:
    """Layers of a network that are trained alike.

    Attributes
    ----------
    name : str
        Name in reports and messages.
    modules : tuple of str
        Dotted paths of modules, or of parameters that stand beside modules; "" is the whole network.
    lr_factor : float
        Factor on the recipe's learning rates.
    starts : float
        Share of the training after which it learns: 0 from the first step on, 1 never. Until then it is frozen: no
        gradients, no momentum, no decay, layers in eval mode, weights and buffers the same to the last bit.
    keeps_statistics : bool
        Its norms stay in eval mode while it learns, with the statistics that they came with.

    Raises
    ------
    ConvwrightError
        For a field that cannot be as it is, by name.

    Examples
    --------
    >>> head = LayerGroup(name="head", modules=("head",))
    >>> head.holds("head.fc.weight"), head.holds("header.weight")
    (True, False)
    """

    name: str
    modules: tuple[str, ...]
    lr_factor: float = number(1.0, above=0)
    starts: float = number(0.0, at_least=0, most=1)
    keeps_statistics: bool = False

    def __post_init__(self) -> None:
        check_fields(self, f"layer_groups.{self.name}.")
        if isinstance(self.modules, str) or not all(isinstance(path, str) for path in self.modules):
            what = f"layer_groups.{self.name}.modules"
            raise ConvwrightError(what, expected="a tuple of dotted paths", got=repr(self.modules))
        object.__setattr__(self, "modules", tuple(self.modules))

    @property
    def is_frozen(self) -> bool:
        """True if it never learns."""
        return self.starts == 1

    def holds(self, name: str) -> bool:
        """Return True if the parameter or buffer of that name is in the group."""
        return any(not path or f"{name}.".startswith(f"{path}.") for path in self.modules)

    def weights(self, model: nn.Module) -> list[nn.Parameter]:
        """Return its parameters, each once, though several layers may share it."""
        named = model.named_parameters(remove_duplicate=False)
        return list({id(weight): weight for name, weight in named if self.holds(name)}.values())

    def norms(self, model: nn.Module) -> list[nn.Module]:
        """Return its layers that keep running statistics."""
        return [layer for layer in self.layers(model) if getattr(layer, "running_mean", None) is not None]

    def layers(self, model: nn.Module) -> list[nn.Module]:
        """Return its modules with all that is in them, each once."""
        named = model.named_modules(remove_duplicate=False)
        return list({id(layer): layer for path, layer in named if self.holds(path)}.values())


WHOLE = LayerGroup(name="network", modules=("",))


def check_layer_groups(model: nn.Module, layer_groups: Sequence[LayerGroup]) -> None:
    """Raise `ConvwrightError` unless `layer_groups` hold everything that training moves exactly once, and some learn.

    That is every parameter and every running statistic of a norm. An empty sequence is valid: everything learns alike.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
    >>> check_layer_groups(net, [LayerGroup(name="stem", modules=("0",))])
    Traceback (most recent call last):
    convwright.errors.ConvwrightError: layer_groups: expected each parameter in exactly one, got 1.weight in none; ...
    """
    if not layer_groups:
        return
    for name, times in Counter(group.name for group in layer_groups).items():
        if times > 1:
            raise ConvwrightError(f"{times} layer groups are called {name!r}", expected="a name for each")
    known = {path for path, _ in [*model.named_modules(), *_tensors(model)]}
    for group in layer_groups:
        for path in group.modules:
            if path not in known:
                raise unknown(f"module of layer group {group.name!r}:", path, known - {""})
    for alike in _moving(model):
        holders = [group.name for group in layer_groups if any(map(group.holds, alike))]
        if len(holders) != 1:
            raise ConvwrightError(
                "layer_groups",
                expected="each parameter in exactly one",
                got=f"{alike[0]} in {' and '.join(holders) or 'none'}",
                hint="name the module it belongs to in one layer group",
            )
    if not any(weight.requires_grad for group in layer_groups if not group.starts for weight in group.weights(model)):
        raise ConvwrightError("layer_groups", expected="parameters that learn from the start (starts=0)", got="none")


def _tensors(model: nn.Module) -> Iterator[tuple[str, object]]:
    yield from model.named_parameters(remove_duplicate=False)
    yield from model.named_buffers(remove_duplicate=False)


def _moving(model: nn.Module) -> list[list[str]]:
    """The names of each tensor that training moves; buffers that are constants need not be in a group."""
    names: dict[int, list[str]] = {}
    for name, tensor in _tensors(model):
        if isinstance(tensor, nn.Parameter) or name.rpartition(".")[2] == "running_mean":
            names.setdefault(id(tensor), []).append(name)
    return list(names.values())
