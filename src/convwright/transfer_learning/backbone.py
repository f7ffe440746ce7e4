"""A network as something to build on: what its classifier sees, its stages, and a fresh classifier."""

import copy
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from ..errors import ConvwrightError, require_at_least, unknown
from ..graph import Graph, trace
from ..graph.modes import in_mode
from ..models import ConvNet, Preprocessing
from ..networks import NetworkName
from .stages import HEAD, channels_of, find_stages


@dataclass(frozen=True, kw_only=True, eq=False)
class Backbone:
    """A view of a classifying network, which it does not change; see `backbone_of`.

    Attributes
    ----------
    model : nn.Module
        The network.
    classifier : str
        Path of the linear layer that makes the logits.
    num_features : int
        Number of features of an image that the layer reads.
    stages : mapping of str to tuple of str
        Module paths by stage, in the order in which they run; "head", the classifier alone, is the last.
    channels : mapping of str to int
        Channels of the map that each stage before the head passes on; stages without a map are left out.
    image_shape : tuple of int
        (C, H, W) that the network was looked at with.
    preprocessing : Preprocessing or None
        Preparation of images that the weights need, if it is known.
    name : NetworkName or None
        The name it was loaded by, if it was.
    notes : tuple of str
        What its constructor was kept from fetching or loading.
    """

    model: nn.Module
    classifier: str
    num_features: int
    stages: Mapping[str, tuple[str, ...]]
    channels: Mapping[str, int]
    image_shape: tuple[int, int, int]
    preprocessing: Preprocessing | None = None
    name: NetworkName | None = None
    notes: tuple[str, ...] = ()

    def features(self, x: Tensor) -> Tensor:
        """Compute the features (N, num_features) of images (N, C, H, W), in eval mode."""
        return self.outputs(x, (HEAD,))[HEAD]

    def outputs(self, x: Tensor, stages: Iterable[str]) -> dict[str, Tensor]:
        """Run images (N, C, H, W) once, in eval mode, and return what some stages hand on.

        That is, for a stage of `channels`, its map averaged over positions, (N, channels); for "head" what the
        classifier sees.

        Raises
        ------
        ConvwrightError
            For a stage that there is not, or that hands on no map.
        """
        found: dict[str, Tensor] = {}
        readers = {name: following[0] for (name, _), (_, following) in pairwise(self.stages.items())}
        readers[HEAD] = self.classifier
        with ExitStack() as stack:
            for stage in stages:
                if stage != HEAD and stage not in self.channels:
                    raise unknown("stage", stage, [*self.channels, HEAD])
                reader = self.model.get_submodule(readers[stage])
                stack.callback(reader.register_forward_pre_hook(self._keeping(stage, found)).remove)
            stack.enter_context(in_mode(self.model, training=False))
            self.model(x)
        return found

    def with_head(self, num_classes: int) -> nn.Module:
        """A copy of the network with a fresh classifier for `num_classes`; all other weights are the same.

        It starts at zero, so that the first step moves nothing but the classifier. What EfficientNet draws it from
        reaches to one over the root of the number of classes: with two, the first logits are large and wrong.

        Source: Kolesnikov et al. 2020, "Big Transfer (BiT): General Visual Representation Learning", whose code fills
        new heads with zeros.
        """
        require_at_least("num_classes", num_classes, 1)
        linear = nn.Linear(self.num_features, num_classes, device="meta").to_empty(device="cpu")
        nn.init.zeros_(linear.weight)
        nn.init.zeros_(linear.bias)
        return self.with_linear(linear)

    def with_linear(self, linear: nn.Linear) -> nn.Module:
        """A copy of the network with this classifier, which is copied too.

        Raises
        ------
        ConvwrightError
            When the layer takes another number of features.
        """
        if linear.in_features != self.num_features:
            raise ConvwrightError("in_features", expected=str(self.num_features), got=str(linear.in_features))
        model = copy.deepcopy(self.model)
        old = model.get_submodule(self.classifier)
        like = next(old.parameters())
        fresh = copy.deepcopy(linear).to(device=like.device, dtype=like.dtype).train(old.training)
        model.set_submodule(self.classifier, fresh)
        if isinstance(model, ConvNet):
            model.config, model.class_names = replace(model.config, num_classes=linear.out_features), None
        return model

    def _keeping(self, stage: str, found: dict[str, Tensor]) -> Any:
        """A hook on the module after a stage: keeps what it is given the first time."""

        def keep(_module: nn.Module, args: tuple[Any, ...]) -> None:
            if stage in found:
                return
            given = args[0]
            if stage != HEAD:  # pooled at once, since the module may write over it; it may come flattened
                given = given.reshape(len(given), self.channels[stage], -1).mean(2)
            found[stage] = given

        return keep


def backbone_of(
    model: nn.Module, *, image_shape: tuple[int, int, int] | None = None, preprocessing: Preprocessing | None = None
) -> Backbone:
    """See a network as a backbone with a classifier, which has to be an `nn.Linear` that makes the logits.

    Parameters
    ----------
    model : nn.Module
        Of the zoo or from anywhere; it is traced once, in eval mode, with nothing computed.
    image_shape : tuple of int, optional
        (C, H, W) of an image that it takes; by default what a `ConvNet` was made for, else (3, 224, 224).
    preprocessing : Preprocessing, optional
        What belongs to the weights; by default what came with those of a `ConvNet`.

    Raises
    ------
    ConvwrightError
        When the output is not that of a linear layer which sees one vector an image.

    Examples
    --------
    >>> import torch
    >>> from convwright.models import build
    >>> backbone = backbone_of(build("resnet20", device="meta"))
    >>> backbone.num_features, backbone.stages["stage1"], backbone.stages["head"]
    (64, ('stages.stage1',), ('head.linear',))
    >>> backbone.with_head(2)(torch.empty(4, 3, 32, 32, device="meta")).shape
    torch.Size([4, 2])
    """
    shape = image_shape or (3, 224, 224)
    if isinstance(model, ConvNet):
        size = model.config.input_size
        shape = image_shape or (model.config.in_channels, size, size)
        preprocessing = preprocessing or model.preprocessing
    graph, given = _looked_at(model, shape)
    classifier = _classifier(model, graph)
    stages = find_stages(model, graph, given, classifier)
    return Backbone(
        model=model,
        classifier=classifier,
        num_features=model.get_submodule(classifier).in_features,  # type: ignore[arg-type]
        stages=stages,
        channels=channels_of(stages, graph, given),
        image_shape=shape,
        preprocessing=preprocessing,
    )


def _looked_at(model: nn.Module, image_shape: tuple[int, int, int]) -> tuple[Graph, dict[str, tuple[int, ...]]]:
    """The graph in eval mode, and the shape of what each module was given when it was first called."""
    given: dict[str, tuple[int, ...]] = {}

    def noting(path: str) -> Any:
        def note(_module: nn.Module, args: tuple[Any, ...]) -> None:
            given.setdefault(path, tuple(args[0].shape) if args and isinstance(args[0], Tensor) else ())

        return note

    with ExitStack() as stack:
        for path, module in model.named_modules():
            stack.callback(module.register_forward_pre_hook(noting(path)).remove)
        stack.enter_context(in_mode(model, training=False))
        return trace(model, (1, *image_shape)), given


def _classifier(model: nn.Module, graph: Graph) -> str:
    """Path of the linear layer whose output the network returns."""
    made_by = [graph.producer(tensor) for tensor in graph.outputs.values()]
    if len(made_by) == 1 and (op := made_by[0]) is not None:
        is_linear = op.kind == "linear" and isinstance(model.get_submodule(op.path), nn.Linear)
        if is_linear and op.path and op.input.ndim == 2:
            return op.path
        got = f"that of {op.kind} in `{op.path}` ({op.module_type})" if op.path else f"that of {op.kind}"
    else:
        got = f"{len(made_by)} tensors" if len(made_by) != 1 else "its input"
    raise ConvwrightError(
        f"the output of {graph.model_type}",
        expected="that of one nn.Linear, which sees a vector for each image",
        got=got,
        hint="return its logits alone; a network whose classifier is something else has no head to exchange",
    )
