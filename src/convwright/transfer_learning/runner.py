"""`transfer`: a pretrained network and images in, strategies side by side out, and the network to ship."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path

import torch
from torch import nn

from ..data import ImageData, load_data
from ..data.duplicates import shared_images
from ..errors import ConvwrightError, require_at_least
from ..graph.fingerprint import model_fingerprint
from ..preprocessing import Preprocessing
from ..training import EpochMetrics, LayerGroupRow, preset
from ..training.devices import find_device
from ..training.progress import StepReport
from ..training.record import environment
from .artifact import write_artifact
from .backbone import Backbone, backbone_of
from .outcome import Outcome
from .result import TransferResult
from .strategies import Strategy, layer_groups_of, strategies_of
from .strategy_inputs import ImagePool, StrategyInputs, Tuning

LEARNING_CURVE = (0.1, 0.25, 0.5, 1.0)
_UNEVEN = 10  # times as many images of one class as of another, to be worth a note


@dataclass(frozen=True, kw_only=True)
class FeatureProgress:
    """Progress of computing features: `done` of `number` images."""

    done: int
    number: int


@dataclass(frozen=True, kw_only=True)
class StartedRun:
    """Run that starts now: the `place`-th of `number`."""

    strategy: str
    seed: int
    share: float
    place: int
    number: int


TransferEvent = FeatureProgress | StartedRun | tuple[LayerGroupRow, ...] | StepReport | EpochMetrics | Outcome
TransferWatch = Callable[[TransferEvent], None]


def transfer(
    model: Backbone | nn.Module, data: str | Path | ImageData, *, strategies: Iterable[str] = ("all",), seeds: int = 5,
    shares: Sequence[float] = (1.0,), tuning: Tuning | None = None, folder: Path | None = None,
    skip_corrupt: bool = False, device: str = "auto", watch: TransferWatch | None = None,
) -> TransferResult:  # fmt: skip
    """Try ways to use a pretrained network on other images, and say which to ship.

    Every seed splits the training images, draws first weights and orders of its own, and all strategies get the same.

    Parameters
    ----------
    model : Backbone or nn.Module
        What `load_backbone` gives, or a network with its weights: its images get ImageNet's mean and deviation.
    data : str, Path or ImageData
        What `load_data` takes, or images that are prepared. Validation images that came with them are every seed's.
    strategies : iterable of str
        See `strategies_of`.
    seeds, shares : int, sequence of float
        How many seeds; of the images to learn from, 1 and perhaps less: `LEARNING_CURVE`.
    tuning : Tuning, optional
        How strategies train the network; by default with the recipe "finetune".
    folder : Path, optional
        Gets the recommended network and its card; until then, trainings that the same call would go on with.
    skip_corrupt, device, watch : bool, str, callable
        See `load_data` and `train`; told of features that are done, runs that begin, how they train, what came out.

    Raises
    ------
    ConvwrightError
        For names that there are not, images that cannot be had, or of fewer than two classes.

    Examples
    --------
    >>> from convwright.models import build
    >>> network = build("resnet20", in_channels=1, width=0.5)
    >>> result = transfer(network, load_data("digits"), strategies=["ridge"], seeds=2)
    >>> [(row.strategy, row.num_images, row.num_trained) for row in result.rows]
    [('ridge', 1295, 330)]
    """
    plan = _TransferPlan(
        strategies=strategies_of(strategies),
        seeds=seeds,
        shares=tuple(sorted(set(shares), reverse=True)),
        tuning=tuning or Tuning(recipe=preset("finetune")),
        folder=folder,
        device=device,
        watch=watch or (lambda _event: None),
    )
    pool = _pool(model, data, plan, skip_corrupt=skip_corrupt)
    return _run(plan, pool, source="" if isinstance(data, ImageData) else str(data))


@dataclass(frozen=True, kw_only=True)
class _TransferPlan:
    """Comparison that was asked for: the arguments of `transfer`, besides network and images; largest share first."""

    strategies: Mapping[str, Strategy]
    seeds: int
    shares: tuple[float, ...]
    tuning: Tuning
    folder: Path | None
    device: str
    watch: TransferWatch

    def __post_init__(self) -> None:
        require_at_least("seeds", self.seeds, 1)
        if 1 not in self.shares or not all(0 < share <= 1 for share in self.shares):
            got = ", ".join(f"{share:g}" for share in self.shares) or "none"
            raise ConvwrightError("shares", expected="from above 0 to 1, and 1 among them", got=got)


def _pool(
    model: Backbone | nn.Module, data: str | Path | ImageData, plan: _TransferPlan, *, skip_corrupt: bool
) -> ImagePool:
    """The images as the weights need them, and the backbone on its device."""
    backbone = model if isinstance(model, Backbone) else backbone_of(model)
    if any(strategy.trains_network for strategy in plan.strategies.values()):
        layer_groups_of(backbone, plan.tuning)  # so that an unknown stage is found before anything is computed
    if not isinstance(data, ImageData):
        side = backbone.image_shape[-1]
        needed = backbone.preprocessing or Preprocessing(resize_px=side, crop_px=side)
        data = load_data(data, preprocessing=needed, validation=0, skip_corrupt=skip_corrupt)
        backbone = replace(backbone, preprocessing=needed)
    backbone.model.to(find_device(plan.device))
    return ImagePool(
        backbone=backbone,
        data=data,
        stages=tuple(dict.fromkeys(strategy.stage for strategy in plan.strategies.values())),
        watch=lambda done, number: plan.watch(FeatureProgress(done=done, number=number)),
    )


def _run(plan: _TransferPlan, pool: ImagePool, *, source: str) -> TransferResult:
    """Run every strategy with every seed and share, and write the recommended network."""
    started, notes = time.perf_counter(), _notes(pool.backbone, pool.data)
    outcomes = tuple(_outcomes(plan, pool))
    result = TransferResult(
        backbone=pool.backbone,
        data=pool.data,
        source=source,
        outcomes=outcomes,
        titles={name: strategy.title for name, strategy in plan.strategies.items()},
        tuning=plan.tuning,
        environment=environment(torch.device(find_device(plan.device)), 1),
        notes=notes,
        seconds=time.perf_counter() - started,
    )
    if plan.folder:
        if result.shipped and (card := result.card):
            write_artifact(plan.folder, result.model, card)
        for left in plan.folder.glob("trainings-*"):  # what trainings kept in case of an interruption
            shutil.rmtree(left)
    return result


def _outcomes(plan: _TransferPlan, pool: ImagePool) -> Iterator[Outcome]:
    """The outcomes, one after the other; those of all images first."""
    trainings = plan.folder / f"trainings-{_digest(pool, plan.tuning)}" if plan.folder else None
    runs = list(product(plan.shares, plan.strategies.items(), range(plan.seeds)))
    for place, (share, (name, strategy), seed) in enumerate(runs, start=1):
        inputs = StrategyInputs(
            pool=pool,
            seed=seed,
            share=share,
            tuning=plan.tuning,
            device=plan.device,
            folder=trainings / f"{name}-{share:g}-{seed}" if trainings else None,
            watch=plan.watch,
        )
        plan.watch(StartedRun(strategy=name, seed=seed, share=share, place=place, number=len(runs)))
        outcome = Outcome(
            strategy=name,
            seed=seed,
            share=share,
            num_images=len(inputs.data.train),
            validated=tuple(inputs.rows[1].tolist()) or tuple(range(len(inputs.data.validation))),
            result=strategy.learn(inputs),
        )
        plan.watch(outcome)
        yield outcome


def _digest(pool: ImagePool, tuning: Tuning) -> str:
    """Digest of all that a training depends on besides strategy, seed and share."""
    network = model_fingerprint(pool.backbone.model, pool.data.image_shape, training=False)
    facts = [network, pool.data.fingerprint, pool.validation, asdict(tuning)]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _notes(backbone: Backbone, data: ImageData) -> tuple[str, ...]:
    """Notes on the images for readers of the result."""
    sizes = torch.bincount(data.train.labels, minlength=data.num_classes)
    if (number := int((sizes > 0).sum())) < 2:
        what, hint = f"training images of {data.name}", "a folder for each class"
        raise ConvwrightError(what, expected="of at least 2 classes", got=f"of {number}", hint=hint)
    notes = [*([data.note] if data.note else []), *backbone.notes]
    if backbone.name and not backbone.name.weights:
        notes.append("the network has fresh weights: nothing was learned before")
    fewest, most = int(sizes.argmin()), int(sizes.argmax())
    if sizes[most] > _UNEVEN * sizes[fewest]:
        rare, common = data.class_names[fewest], data.class_names[most]
        notes.append(f"{sizes[most]} images of {common}, {sizes[fewest]} of {rare}: look at macro-F1 beside accuracy")
    if shared := shared_images(data.train, data.test):
        notes.append(f"{len(shared)} of {len(data.test)} test images are training images too: leave them out of one")
    return tuple(notes)
