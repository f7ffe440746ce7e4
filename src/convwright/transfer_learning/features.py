"""Features that a backbone computes of every image of a set, once, in eval mode; kept in the cache."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass, replace
from math import isclose
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..data.cache import ArrayWriter, key_of, open_or_build
from ..data.loader import Batches
from ..data.sets import ImageData, Images
from ..errors import ConvwrightError, require_choice
from ..graph.fingerprint import model_fingerprint
from ..training.evaluate import DTYPES
from ..training.kept_memory import kept_memory
from .backbone import Backbone
from .peak_memory import peak_memory
from .stages import HEAD

_BATCH = 32
FeatureWatch = Callable[[int, int], None]  # images done, of how many


@dataclass(frozen=True, kw_only=True, eq=False)
class Features:
    """Features of images, with their labels.

    Attributes
    ----------
    values : mapping of str to Tensor of float32, shape (N, C)
        Features by stage; "head" is what the classifier reads.
    labels : Tensor of int64, shape (N,)
        Indices of classes.
    seconds : float
        Time of computing them, now or when they were put into the cache.
    peak_bytes : int or None
        Memory that computing them took at most; None where the system does not tell.
    from_cache : bool
        Whether they were read from the cache.
    """

    values: Mapping[str, Tensor]
    labels: Tensor
    seconds: float
    peak_bytes: int | None = None
    from_cache: bool = False

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, stage: str) -> Tensor:
        return self.values[stage]

    def subset(self, rows: Tensor) -> "Features":
        """Return those of the images at `rows`, in that order, with their share of the seconds."""
        values = {stage: each[rows] for stage, each in self.values.items()}
        return replace(self, values=values, labels=self.labels[rows], seconds=self.seconds * len(rows) / len(self))


def extract(
    backbone: Backbone,
    images: Images,
    data: ImageData,
    *,
    stages: Sequence[str] = (HEAD,),
    cache: bool = True,
    precision: str = "fp32",
    watch: FeatureWatch | None = None,
) -> Features:
    """Compute the features of `images`, one of the splits of `data`, on the device that the backbone is on.

    Parameters
    ----------
    stages : sequence of str
        Names in `backbone.channels`, or "head".
    cache : bool
        Look into the cache first, and put them there: they are known by what the network computes, its weights, the
        pixels, and how they are normalized.
    precision : {"fp32", "bf16", "fp16"}
        Precision of convolutions and matrix products.
    watch : callable, optional
        Called after every batch with the number of images that are done and of all.

    Raises
    ------
    ConvwrightError
        For images that are not prepared as the weights need it, a stage that there is not, no images, or features that
        are not finite.

    Examples
    --------
    >>> from convwright.data import load_data
    >>> from convwright.models import build
    >>> from convwright.transfer_learning import backbone_of
    >>> data = load_data("digits")
    >>> backbone = backbone_of(build("resnet20", in_channels=1, width=0.5))
    >>> extract(backbone, data.validation, data)["head"].shape
    torch.Size([143, 32])
    """
    require_choice("precision", precision, DTYPES)
    _require_prepared(backbone, data)
    if not len(images):
        raise ConvwrightError(f"features of {data.name}", expected="at least one image", got="none")
    source = _Extraction(backbone=backbone, images=images, data=data, stages=tuple(stages), precision=precision)
    return source.cached(watch) if cache else source.computed(watch)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Extraction:
    """Network and images that features are computed from."""

    backbone: Backbone
    images: Images
    data: ImageData
    stages: tuple[str, ...]
    precision: str

    @property
    def device(self) -> torch.device:
        return next(self.backbone.model.parameters()).device

    def computed(self, watch: FeatureWatch | None) -> Features:
        """The features, computed now."""
        start = time.perf_counter()
        with peak_memory(self.device) as peak:
            batches = list(self.batches(watch))
            values = {stage: torch.cat([batch[stage] for batch in batches]) for stage in self.stages}
        seconds = time.perf_counter() - start
        return Features(values=values, labels=self.images.labels, seconds=seconds, peak_bytes=peak.bytes)

    def cached(self, watch: FeatureWatch | None) -> Features:
        """The features out of the cache, into which they are put first if they are not there."""
        is_new = False

        def build(folder: Path) -> dict[str, Any]:
            nonlocal is_new
            is_new, start = True, time.perf_counter()
            with ExitStack() as stack, peak_memory(self.device) as peak:
                writers = {stage: stack.enter_context(closing(ArrayWriter(folder, stage))) for stage in self.stages}
                for batch in self.batches(watch):
                    for stage, writer in writers.items():
                        writer.append(batch[stage].numpy())
            arrays = {stage: writer.specification() for stage, writer in writers.items()}
            return {"arrays": arrays, "seconds": time.perf_counter() - start, "peak_bytes": peak.bytes}

        values, facts = open_or_build(self.key(), build)
        cost = {"seconds": facts["seconds"], "peak_bytes": facts["peak_bytes"]}
        return Features(values=values, labels=self.images.labels, from_cache=not is_new, **cost)

    def key(self) -> str:
        """The name of the features in the cache."""
        from .. import __version__

        fingerprint = model_fingerprint(self.backbone.model, self.data.image_shape, training=False)
        where = {stage: list(self.backbone.stages[stage]) for stage in self.stages if stage in self.backbone.stages}
        return key_of(
            {
                "features and their cost": fingerprint,
                "stages": where,
                "images": self.images.fingerprint,
                "normalized": [self.data.mean, self.data.std],
                "precision": self.precision,
                "made by": [self.device.type, torch.__version__, __version__],
            }
        )

    def batches(self, watch: FeatureWatch | None) -> Iterator[dict[str, Tensor]]:
        """Features of one batch after another, on the CPU."""
        dtype, done = DTYPES[self.precision], 0
        layout = self._takes_channels_last()
        loaded = Batches(
            self.images,
            batch_size=_BATCH,
            seed=0,
            mean=self.data.mean,
            std=self.data.std,
            device=self.device,
            channels_last=layout,
            dtype=dtype,
            drop_last=False,
        )
        half = dtype != torch.float32
        with kept_memory():
            for x, _ in loaded.in_order():
                with torch.inference_mode(), torch.autocast(self.device.type, dtype) if half else nullcontext():
                    found = self.backbone.outputs(x, self.stages)
                batch = {stage: values.float().cpu() for stage, values in found.items()}
                for stage, values in batch.items():
                    self._require_finite(stage, values)
                yield batch
                done += len(x)
                if watch:
                    watch(done, len(self.images))

    def _takes_channels_last(self) -> bool:
        """Return True if the network runs in that memory format, the fastest; some flatten maps by `view`."""
        some = torch.zeros(2, *self.data.image_shape, device=self.device).to(memory_format=torch.channels_last)
        try:
            with torch.inference_mode():
                self.backbone.features(some)
        except RuntimeError:
            return False
        return True

    def _require_finite(self, stage: str, values: Tensor) -> None:
        if not values.isfinite().all():
            raise ConvwrightError(
                f"features of {self.data.name} at stage {stage} in {self.precision}",
                expected="finite numbers",
                got="inf or nan",
                hint="check the weights" if self.precision == "fp32" else "use precision fp32",
            )


def _require_prepared(backbone: Backbone, data: ImageData) -> None:
    """Raise `ConvwrightError` unless the images are as the weights need them."""
    channels, height, width = data.image_shape
    if channels != backbone.image_shape[0]:
        raise ConvwrightError(
            f"the images of {data.name}", expected=f"{backbone.image_shape[0]} channels", got=str(channels)
        )
    needed = backbone.preprocessing
    if needed is None:
        return
    same = (height, width) == (needed.crop_px, needed.crop_px) and all(
        isclose(ours, theirs, rel_tol=0, abs_tol=1e-6)
        for ours, theirs in zip((*data.mean, *data.std), (*needed.mean, *needed.std), strict=True)
    )
    if not same:
        raise ConvwrightError(
            f"the images of {data.name}",
            expected=f"{needed.crop_px} x {needed.crop_px} px, {_normalizing(needed.mean, needed.std)}, as the weights",
            got=f"{height} x {width} px, {_normalizing(data.mean, data.std)}",
            hint="load them with the preprocessing of the backbone",
        )


def _normalizing(mean: Sequence[float], std: Sequence[float]) -> str:
    numbers = (" ".join(f"{value:.4g}" for value in values) for values in (mean, std))
    return "mean {}, std {}".format(*numbers)
