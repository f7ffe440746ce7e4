"""Tiny data sets in the layouts of true ones, written as their authors wrote them."""

import gzip
import hashlib
import io
import json
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image

from convwright.data.pictures import Form
from convwright.data.sets import EncodedSet
from convwright.data.sources.raw import EncodedImages

NAMES = ("cat", "dog")


@dataclass(frozen=True)
class Contents(EncodedImages):
    """Images that are given as bytes."""

    contents: list[bytes]

    def read(self, index: int) -> bytes:
        return self.contents[index]

    def place(self, index: int) -> str:
        return f"image {index}"


def pixels(number: int, channels: int = 3, height: int = 8, width: int = 8, seed: int = 0) -> np.ndarray:
    """Random uint8 (N, C, H, W)."""
    return np.random.default_rng(seed).integers(0, 256, (number, channels, height, width), dtype=np.uint8)


def picture(chw: np.ndarray) -> Image.Image:
    return Image.fromarray(chw[0] if len(chw) == 1 else np.moveaxis(chw, 0, 2))


def encoded(image: Image.Image | np.ndarray, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    (picture(image) if isinstance(image, np.ndarray) else image).save(stream, kind)
    return stream.getvalue()


def encoded_set(contents: list[bytes], size: int) -> EncodedSet:
    """Images of two classes in turn, to be brought to `size` pixels."""
    digests = [hashlib.blake2b(content, digest_size=16).digest() for content in contents]
    return EncodedSet(
        source=Contents(contents),
        rows=torch.arange(len(contents)),
        labels=torch.arange(len(contents)) % 2,
        digests=torch.frombuffer(bytearray(b"".join(digests)), dtype=torch.uint8).view(-1, 16),
        form=Form(channels=3, height=size, width=size, resize=True),
    )


def write_folders(root: Path, images: np.ndarray, names: tuple[str, ...] = NAMES) -> Path:
    """Image i into the folder of class i modulo classes, as 000i.png."""
    for index, image in enumerate(images):
        folder = root / names[index % len(names)]
        folder.mkdir(parents=True, exist_ok=True)
        picture(image).save(folder / f"{index:04d}.png")
    return root


def write_pictures(root: Path) -> list[Path]:
    """Pictures of many modes and sizes, some turned by their camera, in two class folders."""
    kinds = [("RGB", "png"), ("L", "png"), ("RGBA", "png"), ("LA", "png"), ("P", "png"), ("1", "png"), ("I;16", "png")]
    kinds += [("RGB", "tif"), ("CMYK", "jpg"), ("L", "jpg"), ("RGB", "webp")]
    sizes = [(8, 8), (13, 29), (40, 17), (18, 18), (12, 12), (1, 6)]
    paths = []
    for number, (mode, kind) in enumerate(kinds * 2):
        height, width = sizes[number % len(sizes)]
        values = pixels(1, 4, height, width, seed=number)[0]
        if mode == "I;16":
            image = Image.fromarray(values[0].astype(np.uint16) * 257)
        else:
            whole = Image.fromarray(np.moveaxis(values, 0, 2), "RGBA")
            image = whole if mode == "RGBA" else whole.convert("RGB" if mode in {"P", "CMYK"} else mode).convert(mode)
        exif = Image.Exif()
        exif[0x0112] = 1 + number % 8
        folder = root / NAMES[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        paths.append(folder / f"{number:02d}.{kind}")
        image.save(paths[-1], exif=exif)
    return paths


def write_parquet(
    path: Path, contents: list[bytes], labels: list, *, image="img", label="label", names: tuple[str, ...] = NAMES
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"bytes": content, "path": None} for content in contents]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    table = pa.table({image: pa.array(rows, type=kind), label: labels})
    features = {image: {"_type": "Image"}, label: {"names": list(names), "_type": "ClassLabel"}}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})} if names else {}
    pq.write_table(table.replace_schema_metadata(metadata), path)
    return path


def write_hub_folder(root: Path, images: np.ndarray, test: np.ndarray, **options) -> Path:
    for part, each in (("train", images), ("test", test)):
        labels = [index % 2 for index in range(len(each))]
        contents = [encoded(image) for image in each]
        write_parquet(root / f"{part}-00000-of-00001.parquet", contents, labels, **options)
    return root


def write_cifar(folder: Path, images: np.ndarray, *, hundred: bool = False) -> Path:
    """`images` of 32x32, a part for each of five batches (or `train.bin`), and the last again as test."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for index, image in enumerate(images):
        rows.append(bytes([9, index % 2] if hundred else [index % 2]) + image.tobytes())
    if hundred:
        (folder / "train.bin").write_bytes(b"".join(rows))
        (folder / "test.bin").write_bytes(rows[-1])
        (folder / "fine_label_names.txt").write_text("cat\ndog\n")
    else:
        for batch in range(5):
            (folder / f"data_batch_{batch + 1}.bin").write_bytes(b"".join(rows[batch::5]))
        (folder / "test_batch.bin").write_bytes(rows[-1])
        (folder / "batches.meta.txt").write_text("cat\ndog\n\n")
    return folder


def write_idx(folder: Path, images: np.ndarray) -> Path:
    """Gray `images` for both parts, labels in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    number, _, height, width = images.shape
    for part in ("train", "t10k"):
        head = struct.pack(">BBBBIII", 0, 0, 8, 3, number, height, width)
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(head + images.tobytes()))
        labels = bytes(index % 2 for index in range(number))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(
            gzip.compress(struct.pack(">BBBBI", 0, 0, 8, 1, number) + labels)
        )
    return folder


def write_cars(root: Path, images: np.ndarray, *, labeled_test: bool = True) -> Path:
    """As the authors' archives unpack: devkit, cars_train, cars_test, and the test labels beside them."""
    from scipy.io import savemat

    (root / "devkit").mkdir(parents=True)
    names = np.empty((1, 2), dtype=object)
    names[0, :] = ["AM General Hummer SUV 2000", "Acura RL Sedan 2012"]
    savemat(root / "devkit" / "cars_meta.mat", {"class_names": names})
    for part, annotations in (
        ("train", root / "devkit" / "cars_train_annos.mat"),
        ("test", root / "cars_test_annos_withlabels.mat"),
    ):
        (root / f"cars_{part}").mkdir()
        rows = []
        for index, image in enumerate(images):
            picture(image).save(root / f"cars_{part}" / f"{index + 1:05d}.jpg")
            rows.append((1, 2, 7, 8, index % 2 + 1, f"{index + 1:05d}.jpg"))
        fields = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "fname"]
        table = np.array([rows], dtype=[(field, object) for field in fields])
        if part == "train" or labeled_test:
            savemat(annotations, {"annotations": table})
    return root


def write_pets(root: Path, images: np.ndarray) -> Path:
    """As the authors' archives unpack: images, annotations with two lists, and what else lies there."""
    for folder in ("images", "annotations/xmls"):
        (root / folder).mkdir(parents=True)
    names = ("Abyssinian", "american_bulldog")
    for part, first in (("trainval", 1), ("test", 101)):
        lines = ["#Image CLASS-ID SPECIES BREED ID"] * (part == "trainval")
        for index, image in enumerate(images):
            name = f"{names[index % 2]}_{first + index}"
            picture(image).save(root / "images" / f"{name}.jpg")
            lines.append(f"{name} {index % 2 + 1} {index % 2 + 1} 1")
        (root / "annotations" / f"{part}.txt").write_text("\n".join(lines) + "\n")
    (root / "annotations/list.txt").write_text("everything\n")
    (root / "images/Abyssinian_100.mat").write_bytes(b"MATLAB")
    return root


def on_the_hub(monkeypatch, label="fine_label", image="img"):
    """Let the library find a tiny set for every name; returns the list of what it is asked for."""
    import datasets

    asked, contents = [], [encoded(image) for image in pixels(4)]

    def load_dataset(hub_id, config, *, split):
        asked.append((hub_id, config, split))
        features = datasets.Features({image: datasets.Image(), label: datasets.ClassLabel(names=list(NAMES))})
        rows = {image: [{"bytes": content, "path": None} for content in contents], label: [0, 1, 1, 0]}
        return datasets.Dataset.from_dict(rows, features=features)

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return asked
