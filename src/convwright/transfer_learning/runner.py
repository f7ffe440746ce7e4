"""`transfer`: a pretrained network and images in, strategies side by side out, and the network to ship."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    """Features computed so far: of `done` of `number` images."""

    done: int
    number: int


@dataclass(frozen=True, kw_only=True)
class StartedRun:
    """A run that begins: the `place`-th of `number`."""

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
    require_at_least("seeds", seeds, 1)
    _check_shares(shares)
    chosen, tuning = strategies_of(strategies), tuning or Tuning(recipe=preset("finetune"))
    watch = watch or (lambda _event: None)
    pool = _pool(model, data, chosen, tuning, skip_corrupt, device, watch)
    source = "" if isinstance(data, ImageData) else str(data)
    result = _carried_out(pool, source, chosen, seeds, shares, tuning, folder, device, watch)
    if folder:
        _ship(folder, result)
    return result


def _pool(
    model: Backbone | nn.Module, data: str | Path | ImageData, chosen: Mapping[str, Strategy], tuning: Tuning,
    skip_corrupt: bool, device: str, watch: TransferWatch,
) -> ImagePool:  # fmt: skip
    backbone = model if isinstance(model, Backbone) else backbone_of(model)
    if any(strategy.trains_network for strategy in chosen.values()):
        layer_groups_of(backbone, tuning)  # so that a stage that is none is found before anything is computed
    backbone, loaded = _prepared(backbone, data, skip_corrupt)
    backbone.model.to(find_device(device))
    stages = tuple(dict.fromkeys(strategy.stage for strategy in chosen.values()))
    return ImagePool(
        backbone=backbone, data=loaded, stages=stages,
        watch=lambda done, number: watch(FeatureProgress(done=done, number=number)),
    )  # fmt: skip


def _carried_out(
    pool: ImagePool, source: str, chosen: Mapping[str, Strategy], seeds: int, shares: Sequence[float], tuning: Tuning,
    folder: Path | None, device: str, watch: TransferWatch,
) -> TransferResult:  # fmt: skip
    started, notes = time.perf_counter(), _notes(pool.backbone, pool.data)
    trainings = folder / f"trainings-{_digest(pool, tuning)}" if folder else None
    setting = StrategyInputs(pool=pool, seed=0, tuning=tuning, device=device, folder=trainings, watch=watch)
    return TransferResult(
        backbone=pool.backbone,
        data=pool.data,
        source=source,
        outcomes=tuple(_runs(setting, chosen, seeds, sorted(set(shares), reverse=True), watch)),
        titles={name: strategy.title for name, strategy in chosen.items()},
        tuning=tuning,
        environment=environment(torch.device(find_device(device)), 1),
        notes=notes,
        seconds=time.perf_counter() - started,
    )


def _ship(folder: Path, result: TransferResult) -> None:
    """Write the recommended network, and remove what the trainings kept in case of an interruption."""
    if result.shipped and (card := result.card):
        write_artifact(folder, result.model, card)
    for left in folder.glob("trainings-*"):
        shutil.rmtree(left)


def _check_shares(shares: Sequence[float]) -> None:
    wrong = [share for share in shares if not 0 < share <= 1]
    if wrong or 1 not in shares:
        got = ", ".join(f"{share:g}" for share in shares) or "none"
        raise ConvwrightError("shares", expected="from above 0 to 1, and 1 among them", got=got)


def _prepared(backbone: Backbone, data: str | Path | ImageData, skip_corrupt: bool) -> tuple[Backbone, ImageData]:
    """The images as the weights need them, and the backbone that says how."""
    if isinstance(data, ImageData):
        return backbone, data
    side = backbone.image_shape[-1]
    needed = backbone.preprocessing or Preprocessing(resize_px=side, crop_px=side)
    loaded = load_data(data, preprocessing=needed, validation=0, skip_corrupt=skip_corrupt)
    return replace(backbone, preprocessing=needed), loaded


def _runs(
    setting: StrategyInputs, chosen: Mapping[str, Strategy], seeds: int, shares: Sequence[float], watch: TransferWatch
) -> Iterable[Outcome]:
    """The outcomes, one after the other; those of all images first."""
    runs = list(product(shares, chosen.items(), range(seeds)))
    for place, (share, (name, strategy), seed) in enumerate(runs, start=1):
        folder = setting.folder / f"{name}-{share:g}-{seed}" if setting.folder else None
        own = replace(setting, seed=seed, share=share, folder=folder)
        watch(StartedRun(strategy=name, seed=seed, share=share, place=place, number=len(runs)))
        outcome = Outcome(
            strategy=name,
            seed=seed,
            share=share,
            num_images=len(own.data.train),
            validated=tuple(own.rows[1].tolist()) or tuple(range(len(own.data.validation))),
            result=strategy.learn(own),
        )
        watch(outcome)
        yield outcome


def _digest(pool: ImagePool, tuning: Tuning) -> str:
    """Changes with whatever a training depends on beside strategy, seed and share."""
    facts = [
        model_fingerprint(pool.backbone.model, pool.data.image_shape, training=False), pool.data.fingerprint,
        pool.validation, asdict(tuning),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _notes(backbone: Backbone, data: ImageData) -> tuple[str, ...]:
    """What a reader of the result should know of the images."""
    sizes = torch.bincount(data.train.labels, minlength=data.num_classes)
    if int((sizes > 0).sum()) < 2:
        raise ConvwrightError(
            f"training images of {data.name}", expected="of at least 2 classes", got=f"of {int((sizes > 0).sum())}",
            hint="a folder for each class",
        )  # fmt: skip
    notes = [data.note] if data.note else []
    if backbone.name and not backbone.name.weights:
        notes.append("the network has fresh weights: nothing was learned before")
    fewest, most = int(sizes.argmin()), int(sizes.argmax())
    if sizes[most] > _UNEVEN * sizes[fewest]:
        rare, common = data.class_names[fewest], data.class_names[most]
        notes.append(f"{sizes[most]} images of {common}, {sizes[fewest]} of {rare}: look at macro-F1 beside accuracy")
    if shared := shared_images(data.train, data.test):
        notes.append(f"{len(shared)} of {len(data.test)} test images are training images too: leave them out of one")
    return tuple(notes)
