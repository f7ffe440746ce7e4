"""Freezing: what stands still in a step, and the proof that it did."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from ..errors import ConvwrightError
from .layer_groups import LayerGroup
from .state import bytes_of


@dataclass(frozen=True, kw_only=True, eq=False)
class _Held:
    """Tensors and layers of a layer group, and the step in which it begins to learn: infinity if it never does.

    Of its layers and names, those of norms that never change are `still`.
    """

    group: LayerGroup
    start: float
    weights: list[nn.Parameter]
    layers: list[nn.Module]
    names: frozenset[str]
    still_layers: frozenset[nn.Module]
    still_names: frozenset[str]

    @classmethod
    def of(cls, group: LayerGroup, model: nn.Module, num_steps: int, tensors: Mapping[str, Tensor]) -> "_Held":
        still = frozenset(group.norms(model)) if group.keeps_statistics else frozenset()
        named = [(path, layer) for path, layer in model.named_modules(remove_duplicate=False) if layer in still]
        buffers = {f"{path}.{name}" for path, layer in named for name, _ in layer.named_buffers(recurse=False)}
        start = round(group.starts * num_steps)
        return cls(
            group=group,
            start=start if start < num_steps else math.inf,
            weights=[weight for weight in group.weights(model) if weight.requires_grad],
            layers=group.layers(model),
            names=frozenset(filter(group.holds, tensors)),
            still_layers=still,
            still_names=frozenset(buffers & tensors.keys()),
        )


class Freezing:
    """Layer groups under training: a function of the step's number, so that there is no state to lose.

    Before `start` a layer group takes no gradients and its layers are in eval mode. What it holds, weights and buffers,
    has to be the same to the last bit after the first step that is done here, when it begins to learn, and at the end.

    Parameters
    ----------
    model : nn.Module
        Whose parameters that take no gradients now never will.
    layer_groups : sequence of LayerGroup
        Layer groups as `check_layer_groups` accepts them. Empty: nothing is frozen and no mode is set.
    num_steps : int
        Number of optimizer steps of the whole run.

    Raises
    ------
    ConvwrightError
        For layer groups that do not fit the model.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 2, 1))
    >>> layer_groups = LayerGroup(name="stem", modules=("0", "1"), starts=0.5), LayerGroup(name="head", modules=("2",))
    >>> freezing = Freezing(net, layer_groups, num_steps=10)
    >>> for step in (4, 5):
    ...     freezing.apply(step)
    ...     net[0].weight.requires_grad, net[1].training
    (False, False)
    (True, True)
    """

    def __init__(self, model: nn.Module, layer_groups: Sequence[LayerGroup], num_steps: int) -> None:
        self._model = model
        tensors = self._tensors() if layer_groups else {}
        self._held = [_Held.of(group, model, num_steps, tensors) for group in layer_groups]
        self._digests = {name: _digest(tensors[name]) for name in self.names_frozen(0)}
        self._has_checked = False

    def apply(self, step: int) -> None:
        """Let what learns in `step` take gradients and freeze the rest, whatever the state of the network was."""
        for held in self._held:
            self._set(held, learns=step >= held.start, still=held.still_layers)

    def leave(self) -> None:
        """Unfreeze everything, as in ordinary training."""
        for held in self._held:
            self._set(held, learns=True, still=frozenset())

    def names_frozen(self, step: int) -> frozenset[str]:
        """Return the names in the model's state that stand still in `step`."""
        none: frozenset[str] = frozenset()
        return none.union(*(held.names if step < held.start else held.still_names for held in self._held))

    def digests(self, step: int) -> dict[str, str]:
        """Return the digests of what stands still in `step`, for a checkpoint before it."""
        return {name: self._digests[name] for name in self.names_frozen(step)}

    def expect(self, digests: Mapping[str, str]) -> None:
        """Take the digests of a checkpoint, and for names it does not have those of the present values."""
        tensors = self._tensors() if self._digests else {}
        self._digests = {name: digests.get(name) or _digest(tensors[name]) for name in self._digests}

    def after(self, step: int) -> None:
        """Check after `step`, if it was the first one here, or a layer group that was frozen learns in the next."""
        if not self._has_checked or any(held.start == step + 1 for held in self._held):
            self.check(step)
        self._has_checked = True

    def check(self, step: int) -> None:
        """Raise `ConvwrightError`, naming it, if anything moved that has to stand still up to `step`."""
        frozen = self.names_frozen(step)
        moved = [
            name for name, value in self._tensors().items() if name in frozen and self._digests[name] != _digest(value)
        ]
        if moved:
            group = next(held.group.name for held in self._held if moved[0] in held.names)
            more = f" and {len(moved) - 1} more" if len(moved) > 1 else ""
            raise ConvwrightError(
                f"{moved[0]}{more} of the frozen layer group {group!r} moved by step {step}",
                hint="does its module change it in eval mode too, or something else than the training?",
            )

    def _tensors(self) -> dict[str, Tensor]:
        return {name: value for name, value in self._model.state_dict().items() if isinstance(value, Tensor)}

    @staticmethod
    def _set(held: _Held, *, learns: bool, still: frozenset[nn.Module]) -> None:
        for weight in held.weights:
            weight.requires_grad_(learns)
        for layer in held.layers:
            mode = learns and layer not in still
            if layer.training != mode:  # setting an attribute of a module is slow
                layer.training = mode


def _digest(value: Tensor) -> str:
    return hashlib.sha256(bytes_of(value.cpu())).hexdigest()
