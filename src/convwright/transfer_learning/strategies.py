"""Ways to use a pretrained network on other images: one function each, from `StrategyInputs` to a `StrategyResult`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import ConvwrightError, require_choice
from ..training import Recipe, layer_group_report, train
from ..training.devices import find_device
from ..training.evaluate import Predictions, predict
from ..training.layer_groups import LayerGroup
from .backbone import Backbone
from .classifier_methods import CLASSIFIERS
from .classifiers import as_linear, fit_classifier
from .features import Features
from .outcome import LearningCost, StrategyResult
from .peak_memory import Peak, peak_memory
from .pretrained import fresh_like
from .probe import Probe, train_probe
from .rates import discriminative_layer_groups
from .stages import HEAD
from .strategy_inputs import StrategyInputs, Tuning

_CPU = torch.device("cpu")
_LEAST_MOMENTUM = 0.1  # of the statistics of batch norms: torch's default


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """A way to learn from images with a pretrained network.

    Attributes
    ----------
    title : str
        Description in a line.
    learn : callable
        Function that learns.
    trains_network : bool
        Whether images run through the network in training; else features are computed once.
    stage : str
        Whose features it sees, where it sees features.
    """

    title: str
    learn: Callable[[StrategyInputs], StrategyResult]
    trains_network: bool = False
    stage: str = HEAD


def linear_probe(inputs: StrategyInputs) -> StrategyResult:
    """Train a new head on features that are computed once; see `train_probe`.

    Source: Alain and Bengio 2016, "Understanding intermediate layers using linear classifier probes".
    """
    with peak_memory(_CPU) as peak:
        probe = _probe(inputs)
    return _from_features(
        inputs,
        lambda split: probe.linear(split[HEAD]),
        probe.linear,
        seconds=probe.seconds,
        peak=peak,
        choices={"weight decay": probe.weight_decay},
    )


def features(inputs: StrategyInputs, *, classifier: str, stage: str = HEAD) -> StrategyResult:
    """Fit a classifier of scikit-learn to features of a stage that are computed once; see `fit_classifier`.

    Source: Donahue et al. 2014, "DeCAF: A Deep Convolutional Activation Feature for Generic Visual Recognition".
    """
    seen, method = inputs.features["train"], CLASSIFIERS[classifier]
    with peak_memory(_CPU) as peak:
        fitted = fit_classifier(
            classifier, seen[stage], seen.labels, num_classes=inputs.data.num_classes, seed=inputs.seed
        )
    choices = {**fitted.parameters, "cross-validated accuracy": fitted.cv_accuracy}
    if not method.has_shares:
        choices["temperature"] = fitted.temperature
    linear = as_linear(fitted) if method.is_linear and stage == HEAD else None
    return _from_features(
        inputs, lambda split: fitted.logits(split[stage]), linear, seconds=fitted.seconds, peak=peak, choices=choices
    )


def finetune(inputs: StrategyInputs) -> StrategyResult:
    """Train all layers from the pretrained weights, with a fresh head, at rates that fall towards the images.

    Source: Howard and Ruder 2018, section 3.2, for the rates.
    """
    backbone = inputs.backbone
    model = backbone.with_head(inputs.data.num_classes)
    return _trained(inputs, model, layer_groups_of(backbone, inputs.tuning))


def lp_ft(inputs: StrategyInputs) -> StrategyResult:
    """Train a linear probe, then all layers from there, so that a random head does not spoil the features.

    Source: Kumar et al. 2022, "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution".
    """
    probe, backbone = _probe(inputs), inputs.backbone
    result = _trained(inputs, backbone.with_linear(probe.linear), layer_groups_of(backbone, inputs.tuning))
    cost = replace(result.cost, training_seconds=result.cost.training_seconds + probe.seconds)
    choices = {**result.choices, "weight decay": probe.weight_decay}
    return replace(result, cost=_with_features(inputs.features, cost), choices=choices)


def scratch(inputs: StrategyInputs) -> StrategyResult:
    """Train the same network from fresh weights, as long as fine-tuning: the control.

    Source: He et al. 2019, "Rethinking ImageNet Pre-training", who train it far longer, and with far more images.
    """
    backbone = fresh_like(inputs.backbone, inputs.seed)
    return _trained(inputs, backbone.with_head(inputs.data.num_classes), ())


STRATEGIES: Mapping[str, Strategy] = {
    "linear-probe": Strategy(title="a new head on features computed once", learn=linear_probe),
    **{
        name: Strategy(title=f"{method.title} on features computed once", learn=partial(features, classifier=name))
        for name, method in CLASSIFIERS.items()
    },
    "finetune": Strategy(title="all layers, slower towards the images", learn=finetune, trains_network=True),
    "lp-ft": Strategy(title="a linear probe, then all layers", learn=lp_ft, trains_network=True),
    "scratch": Strategy(title="all layers from fresh weights: the control", learn=scratch, trains_network=True),
}
GROUPS: Mapping[str, tuple[str, ...]] = {"all": tuple(STRATEGIES), "features": tuple(CLASSIFIERS)}


def strategies_of(names: Iterable[str]) -> dict[str, Strategy]:
    """Return strategies by name, each once.

    Parameters
    ----------
    names : iterable of str
        Of `STRATEGIES`; "features" for all classifiers, "all" for everything; a classifier's name with a stage, as
        "ridge@stage3", for the features of that stage instead of what the head sees.

    Raises
    ------
    ConvwrightError
        For another name, or none.

    Examples
    --------
    >>> list(strategies_of(["linear-probe", "knn@stage3", "linear-probe"]))
    ['linear-probe', 'knn@stage3']
    """
    found: dict[str, Strategy] = {}
    for text in names:
        name, _, stage = text.partition("@")
        if stage:
            require_choice("strategy with a stage", name, CLASSIFIERS)
            title = f"{CLASSIFIERS[name].title} on features of {stage}"
            found[text] = Strategy(title=title, learn=partial(features, classifier=name, stage=stage), stage=stage)
        else:
            require_choice("strategy", name, [*STRATEGIES, *GROUPS])
            found |= {each: STRATEGIES[each] for each in GROUPS.get(name, (name,))}
    if not found:
        raise ConvwrightError("strategies", expected="at least one", got="none")
    return found


def recipe_for(inputs: StrategyInputs) -> Recipe:
    """Return the recipe with the seed, the steps that all images would take, and batches that these images can fill."""
    recipe, number = inputs.tuning.recipe, len(inputs.data.train)
    steps = recipe.steps
    if recipe.epochs:
        all_of_them = len(inputs.pool.rows(inputs.seed, 1.0)[0])
        steps = recipe.epochs * max(all_of_them // recipe.batch_size, 1)
    return replace(recipe, seed=inputs.seed, batch_size=min(recipe.batch_size, number), epochs=None, steps=steps)


def layer_groups_of(backbone: Backbone, tuning: Tuning) -> tuple[LayerGroup, ...]:
    """Return the stages of a backbone as layer groups to train; see `discriminative_layer_groups`."""
    return discriminative_layer_groups(
        backbone.stages, decay=tuning.lr_decay, unfrozen_by=tuning.unfrozen_by, freeze=tuning.freeze
    )


def _probe(inputs: StrategyInputs) -> Probe:
    found = inputs.features
    return train_probe(found["train"], found["validation"], num_classes=inputs.data.num_classes, seed=inputs.seed)


def _from_features(
    inputs: StrategyInputs,
    logits_of: Callable[[Features], Tensor],
    linear: nn.Linear | None,
    *,
    seconds: float,
    peak: Peak,
    choices: Mapping[str, Any],
) -> StrategyResult:
    """Result of a classifier of features; with a network where the classifier is a layer, which becomes its head."""
    found = inputs.features
    num_trained = sum(weight.numel() for weight in linear.parameters()) if linear else 0
    cost = LearningCost(training_seconds=seconds, peak_bytes=peak.bytes, num_trained=num_trained)
    with torch.inference_mode():
        predictions = {name: Predictions(logits=logits_of(each), labels=each.labels) for name, each in found.items()}
    model = inputs.backbone.with_linear(linear).cpu().eval() if linear else None
    return StrategyResult(predictions=predictions, cost=_with_features(found, cost), model=model, choices=choices)


def _with_features(found: Mapping[str, Features], cost: LearningCost) -> LearningCost:
    """Add the cost of the features; those of the test images are not needed to learn."""
    peaks = [cost.peak_bytes, *(each.peak_bytes for each in found.values())]
    return replace(
        cost,
        feature_seconds=found["train"].seconds + found["validation"].seconds,
        peak_bytes=max((peak for peak in peaks if peak is not None), default=None),
    )


def _trained(inputs: StrategyInputs, model: nn.Module, layer_groups: tuple[LayerGroup, ...]) -> StrategyResult:
    data, recipe = inputs.data, recipe_for(inputs)
    if layer_groups:
        inputs.watch(layer_group_report(model, layer_groups, recipe))
    else:
        _quicken_norms(model)
    unvalidated = replace(data, validation=data.train.subset(torch.arange(0)))  # evaluated once, afterwards
    with peak_memory(torch.device(find_device(inputs.device))) as peak:
        record = train(
            model,
            unvalidated,
            recipe,
            folder=inputs.folder,
            resume=inputs.folder is not None,
            device=inputs.device,
            watch=inputs.watch,
            layer_groups=layer_groups,
        )
    numerics = record.numerics
    predicted = partial(predict, model, data=data, batch_size=recipe.batch_size, precision=numerics.precision)
    predictions = {
        name: predicted(images, channels_last=numerics.channels_last)
        for name, images in {"train": data.train, "validation": data.validation, "test": data.test}.items()
    }
    num_trained = sum(row.num_trained for row in record.layer_groups)
    return StrategyResult(
        predictions=predictions,
        cost=LearningCost(
            training_seconds=sum(epoch.seconds for epoch in record.epochs),
            peak_bytes=peak.bytes,
            num_trained=num_trained or sum(weight.numel() for weight in model.parameters()),
        ),
        model=model.cpu().to(memory_format=torch.contiguous_format).eval(),
        choices={"precision": numerics.precision},
        layer_groups=record.layer_groups,
        epochs=record.epochs,
    )


def _quicken_norms(model: nn.Module) -> None:
    """Let batch norms take over the statistics of their images within tens of steps.

    EfficientNet's keep 99 % of theirs at each step: after sixty, evaluation would go by fresh ones for the most part.

    Source: Wu and Johnson 2021, "Rethinking 'Batch' in BatchNorm", section 3, for averages that lag behind.
    """
    for layer in model.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm) and layer.momentum is not None:
            layer.momentum = max(layer.momentum, _LEAST_MOMENTUM)
