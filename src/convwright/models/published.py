"""Accuracies that others published for architectures of the zoo, with their source."""

from dataclasses import asdict, dataclass
from typing import Any

from ..extras import needs_extra


@dataclass(frozen=True, kw_only=True)
class Published:
    """ImageNet top-1 of a set of published weights.

    Attributes
    ----------
    top1_percent : float
        On the validation set of ImageNet-1k, single crop.
    crop_px : int
        Side of that crop.
    source : str
        Who published it, and for which weights.
    """

    top1_percent: float
    crop_px: int
    source: str

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return asdict(self)


def published_top1(name: str) -> tuple[Published, ...]:
    """Return the accuracies in torchvision's metadata of its weights, oldest first; none for other names.

    Weights of one architecture differ by recipe alone, and by several points: compare architectures within one
    version.

    Examples
    --------
    >>> [found.top1_percent for found in published_top1("resnet50")]
    [76.13, 80.858]
    """
    with needs_extra("pretrained"):
        from torchvision import models as zoo

    if name not in zoo.list_models(module=zoo):
        return ()
    return tuple(
        Published(
            top1_percent=entry.meta["_metrics"]["ImageNet-1K"]["acc@1"],
            crop_px=entry.transforms().crop_size[0],
            source=f"torchvision {entry.name}",
        )
        for entry in zoo.get_model_weights(name)
        if "ImageNet-1K" in entry.meta.get("_metrics", {}) and hasattr(entry.transforms(), "crop_size")
    )
