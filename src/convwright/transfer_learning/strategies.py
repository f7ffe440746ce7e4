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
        What it does, in a line.
    learn : callable
        Does it.
    trains_network : bool
        Whether images run through the network in training; else features are computed once.
    stage : str
        Whose features it sees, where it sees features.
    """

    title: str
    learn: Callable[[StrategyInputs], StrategyResult]
    trains_network: bool = False
    stage: str = HEAD


def linear_probe(setting: StrategyInputs) -> StrategyResult:
    """A new head on features that are computed once; see `train_probe`.

    Source: Alain and Bengio 2016, "Understanding intermediate layers using linear classifier probes".
    """
    with peak_memory(_CPU) as peak:
        probe = _probe(setting)
    return _with_layer(setting, probe.linear, {"weight decay": probe.weight_decay}, probe.seconds, peak)


def features(setting: StrategyInputs, *, classifier: str, stage: str = HEAD) -> StrategyResult:
    """A classifier of scikit-learn on features of a stage that are computed once; see `fit_classifier`.

    Source: Donahue et al. 2014, "DeCAF: A Deep Convolutional Activation Feature for Generic Visual Recognition".
    """
    found, num_classes = setting.features, setting.data.num_classes
    seen = found["train"]
    with peak_memory(_CPU) as peak:
        fitted = fit_classifier(classifier, seen[stage], seen.labels, num_classes=num_classes, seed=setting.seed)
    choices = {**fitted.parameters, "cross-validated accuracy": fitted.cv_accuracy}
    if not CLASSIFIERS[classifier].has_shares:
        choices["temperature"] = fitted.temperature
    if CLASSIFIERS[classifier].is_linear and stage == HEAD:
        return _with_layer(setting, as_linear(fitted), choices, fitted.seconds, peak)
    logits = {split: fitted.logits(each[stage]) for split, each in found.items()}
    return StrategyResult(
        predictions={split: Predictions(logits=logits[split], labels=each.labels) for split, each in found.items()},
        cost=_with_features(found, LearningCost(training_seconds=fitted.seconds, peak_bytes=peak.bytes, num_trained=0)),
        choices=choices,
    )


def finetune(setting: StrategyInputs) -> StrategyResult:
    """All layers from the pretrained weights, a fresh head among them, at rates that fall towards the images.

    Source: Howard and Ruder 2018, section 3.2, for the rates.
    """
    backbone = setting.backbone
    return _trained(
        setting, backbone.with_head(setting.data.num_classes), layer_groups_of(setting.backbone, setting.tuning)
    )


def lp_ft(setting: StrategyInputs) -> StrategyResult:
    """First a linear probe, then all layers from there, so that a random head does not spoil the features.

    Source: Kumar et al. 2022, "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution".
    """
    probe = _probe(setting)
    learned = _trained(
        setting, setting.backbone.with_linear(probe.linear), layer_groups_of(setting.backbone, setting.tuning)
    )
    cost = replace(learned.cost, training_seconds=learned.cost.training_seconds + probe.seconds)
    choices = {**learned.choices, "weight decay": probe.weight_decay}
    return replace(learned, cost=_with_features(setting.features, cost), choices=choices)


def scratch(setting: StrategyInputs) -> StrategyResult:
    """The same network from fresh weights, trained as long as fine-tuning: the control.

    Source: He et al. 2019, "Rethinking ImageNet Pre-training", who train it far longer, and with far more images.
    """
    backbone = fresh_like(setting.backbone, setting.seed)
    return _trained(setting, backbone.with_head(setting.data.num_classes), ())


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
    """Strategies by name, each once.

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


def recipe_for(setting: StrategyInputs) -> Recipe:
    """The recipe with the seed, as many steps as all images would take, and batches that these images can fill."""
    recipe, number = setting.tuning.recipe, len(setting.data.train)
    steps = recipe.steps
    if recipe.epochs:
        all_of_them = len(setting.pool.rows(setting.seed, 1.0)[0])
        steps = recipe.epochs * max(all_of_them // recipe.batch_size, 1)
    return replace(recipe, seed=setting.seed, batch_size=min(recipe.batch_size, number), epochs=None, steps=steps)


def layer_groups_of(backbone: Backbone, tuning: Tuning) -> tuple[LayerGroup, ...]:
    """The stages of a backbone, as they are to be trained; see `discriminative_layer_groups`."""
    return discriminative_layer_groups(
        backbone.stages, decay=tuning.lr_decay, unfrozen_by=tuning.unfrozen_by, freeze=tuning.freeze
    )


def _probe(setting: StrategyInputs) -> Probe:
    found = setting.features
    return train_probe(found["train"], found["validation"], num_classes=setting.data.num_classes, seed=setting.seed)


def _with_layer(
    setting: StrategyInputs, linear: nn.Linear, choices: Mapping[str, Any], seconds: float, peak: Peak
) -> StrategyResult:
    """What a layer on the backbone's features says, and the network with it."""
    found = setting.features
    num_trained = sum(weight.numel() for weight in linear.parameters())
    with torch.inference_mode():
        logits = {split: linear(each[HEAD]) for split, each in found.items()}
    return StrategyResult(
        predictions={split: Predictions(logits=logits[split], labels=each.labels) for split, each in found.items()},
        cost=_with_features(
            found, LearningCost(training_seconds=seconds, peak_bytes=peak.bytes, num_trained=num_trained)
        ),
        model=setting.backbone.with_linear(linear).cpu().eval(),
        choices=choices,
    )


def _with_features(found: Mapping[str, Features], cost: LearningCost) -> LearningCost:
    """The cost with that of the features; those of the test images are needed for no learning."""
    peaks = [cost.peak_bytes, *(each.peak_bytes for each in found.values())]
    return replace(
        cost,
        feature_seconds=found["train"].seconds + found["validation"].seconds,
        peak_bytes=max((peak for peak in peaks if peak is not None), default=None),
    )


def _trained(setting: StrategyInputs, model: nn.Module, layer_groups: tuple[LayerGroup, ...]) -> StrategyResult:
    data, recipe = setting.data, recipe_for(setting)
    if not layer_groups:
        _quicken_norms(model)
    seen = replace(data, validation=data.train.subset(torch.arange(0)))  # the others are looked at once, afterwards
    if layer_groups:
        setting.watch(layer_group_report(model, layer_groups, recipe))
    with peak_memory(torch.device(find_device(setting.device))) as peak:
        record = train(
            model, seen, recipe, folder=setting.folder, resume=setting.folder is not None, device=setting.device,
            watch=setting.watch, layer_groups=layer_groups,
        )  # fmt: skip
    numerics = record.numerics
    predicted = partial(
        predict, model, data=data, batch_size=recipe.batch_size, precision=numerics.precision,
        channels_last=numerics.channels_last,
    )  # fmt: skip
    return StrategyResult(
        predictions={
            "train": predicted(data.train), "validation": predicted(data.validation), "test": predicted(data.test)
        },
        cost=LearningCost(
            training_seconds=sum(epoch.seconds for epoch in record.epochs),
            peak_bytes=peak.bytes,
            num_trained=sum(row.num_trained for row in record.layer_groups)
            or sum(map(Tensor.numel, model.parameters())),
        ),
        model=model.cpu().to(memory_format=torch.contiguous_format).eval(),
        choices={"precision": numerics.precision},
        layer_groups=record.layer_groups,
        epochs=record.epochs,
    )  # fmt: skip


def _quicken_norms(model: nn.Module) -> None:
    """Let batch norms take over the statistics of their images within tens of steps.

    EfficientNet's keep 99 % of theirs at each step: after sixty, evaluation would go by fresh ones for the most part.

    Source: Wu and Johnson 2021, "Rethinking 'Batch' in BatchNorm", section 3, for averages that lag behind.
    """
    for layer in model.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm) and layer.momentum is not None:
            layer.momentum = max(layer.momentum, _LEAST_MOMENTUM)
