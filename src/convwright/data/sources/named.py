"""Data sets that have a name: their repository on the Hugging Face Hub, and the names of their folders on disks.

The ids, columns and splits are those that public code reads them by; they were not tried from here. ImageNet and
Stanford Cars are the ones to doubt first: the first wants an account that accepted its terms, the second is somebody's
copy, since the authors' page is gone.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ConvwrightError
from ...extras import needs_extra
from .parquet import StoredImages
from .raw import RawData, RawSplit

_CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


@dataclass(frozen=True, kw_only=True)
class NamedDataSet:
    """A data set by name.

    Attributes
    ----------
    hub_id : str
        The repository on the Hub.
    config : str or None
        Which of its configurations.
    image, label : str
        Columns.
    test : str
        The split to test on: `validation` if the labels of `test` are hidden or missing.
    has_validation : bool
        True if there is a `validation` split beside train and test.
    folders : tuple of str
        Other names that it may have on a disk.
    class_names : tuple of str
        For layouts that have none; else ().
    image_size : int or None
        Usual height and width in pixels, for sets whose images differ in size.
    num_images, num_classes : int
        As published, all splits together.
    """

    hub_id: str
    config: str | None = None
    image: str = "image"
    label: str = "label"
    test: str = "test"
    has_validation: bool = False
    folders: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    image_size: int | None = None
    num_images: int
    num_classes: int

    @property
    def hub_splits(self) -> dict[str, str]:
        """The Hub's name of each split."""
        return {"train": "train", "test": self.test} | ({"validation": "validation"} if self.has_validation else {})


NAMED = {
    "cifar10": NamedDataSet(
        hub_id="uoft-cs/cifar10",
        image="img",
        folders=("cifar10-jpeg", "cifar-10-batches-bin"),
        class_names=_CIFAR10,
        num_images=60_000,
        num_classes=10,
    ),
    "cifar100": NamedDataSet(
        hub_id="uoft-cs/cifar100",
        image="img",
        label="fine_label",
        folders=("cifar-100-binary", "cifar100-jpeg"),
        num_images=60_000,
        num_classes=100,
    ),
    "fashion-mnist": NamedDataSet(
        hub_id="zalando-datasets/fashion_mnist",
        folders=("fashion_mnist", "FashionMNIST/raw", "FashionMNIST"),
        class_names=_FASHION,
        num_images=70_000,
        num_classes=10,
    ),
    "mnist": NamedDataSet(
        hub_id="ylecun/mnist",
        folders=("MNIST/raw", "MNIST"),
        num_images=70_000,
        num_classes=10,
    ),
    "oxford-pets": NamedDataSet(
        hub_id="timm/oxford-iiit-pet",
        folders=("oxford-iiit-pet",),
        image_size=224,
        num_images=7_349,
        num_classes=37,
    ),
    "stanford-cars": NamedDataSet(
        hub_id="tanganke/stanford_cars",
        folders=("stanford_cars",),
        image_size=224,
        num_images=16_185,
        num_classes=196,
    ),
    "flowers102": NamedDataSet(
        hub_id="dpdl-benchmark/oxford_flowers102",
        has_validation=True,
        folders=("flowers-102",),
        image_size=224,
        num_images=8_189,
        num_classes=102,
    ),
    "imagenette": NamedDataSet(
        hub_id="frgfm/imagenette",
        config="320px",
        test="validation",
        folders=("imagenette2-320", "imagenette2-160", "imagenette2"),
        image_size=224,
        num_images=13_394,
        num_classes=10,
    ),
    "imagenet-1k": NamedDataSet(
        hub_id="ILSVRC/imagenet-1k",
        test="validation",
        folders=("imagenet", "ILSVRC2012"),
        image_size=224,
        num_images=1_331_167,
        num_classes=1000,
    ),
}


def local_folder(name: str, folder: Path) -> Path | None:
    """Return the folder of a data set in a folder of many: under its name or another known one; None if missing."""
    others = NAMED[name].folders if name in NAMED else ()
    return next((folder / each for each in (name, *others) if (folder / each).exists()), None)


def from_hub(name: str) -> RawData:
    """Fetch a named data set with the `datasets` library, which keeps it.

    Raises
    ------
    ConvwrightError
        When it cannot be fetched, or is not as the table says.
    """
    with needs_extra("train"):
        import datasets

    named = NAMED[name]
    try:
        found = {
            split: datasets.load_dataset(named.hub_id, named.config, split=theirs)
            for split, theirs in named.hub_splits.items()
        }
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ConvwrightError(
            f"{name} is on no disk here, and {named.hub_id} cannot be fetched from the Hugging Face Hub ({reason})",
            hint=f"go online, or let CONVWRIGHT_DATA name a folder that holds {' or '.join((name, *named.folders))}; "
            "cifar10-mini and digits ship with the package",
        ) from error
    return RawData(
        splits={split: _split(dataset, named) for split, dataset in found.items()},
        class_names=tuple(found["train"].features[named.label].names),
    )


def _split(dataset: Any, named: NamedDataSet) -> RawSplit:
    missing = {named.image, named.label} - set(dataset.column_names)
    if missing:
        raise ConvwrightError(
            f"{named.hub_id} on the Hub has changed",
            expected=f"columns {named.image} and {named.label}",
            got=", ".join(dataset.column_names),
            hint="fetch it by hand and name the folder",
        )
    # The Arrow table underneath holds the encoded bytes; item by item, the library would decode each image on the way.
    table = dataset.data
    labels = table.column(named.label).to_numpy().astype(np.int64)
    images = StoredImages(table, named.image, Path(named.hub_id))
    return RawSplit(images=images, labels=labels)
