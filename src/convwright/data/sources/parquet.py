"""Parquet in the layout of the Hugging Face Hub: a column of encoded images, a column of labels.

Source: https://huggingface.co/docs/hub/datasets-image: an image is a struct of `bytes` and `path`, and the class names
are in the schema's metadata, as JSON under the key `huggingface`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ConvwrightError
from ...extras import needs_extra
from ..cache import cache_folder
from .raw import DataLayout, EncodedImages, RawData, RawSplit, files_below

if TYPE_CHECKING:
    import pyarrow as pa

# Bytes of a split's files above which they are not read into memory.
LARGE = 2**30

IMAGE_COLUMNS = ("img", "image")
LABEL_COLUMNS = ("label", "fine_label", "labels")
_SPLITS = {"train": "train", "validation": "validation", "valid": "validation", "val": "validation", "test": "test"}


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else files_below(path, "*.parquet")


def _read(path: Path) -> RawData:
    """Read one file, or a folder whose files' names begin with their split: `train-00000-of-00002.parquet`."""
    groups: dict[str, list[Path]] = {}
    for file in _files(path):
        groups.setdefault(_SPLITS.get(file.stem.lower().split("-")[0], ""), []).append(file)
    if len(groups) == 1 and (path.is_file() or "" in groups):
        groups = {"train": next(iter(groups.values()))}
    if "train" not in groups or "" in groups:
        raise ConvwrightError(
            f"{path} does not say which files are for training",
            expected="names such as train-00000-of-00001.parquet and test.parquet",
            got=", ".join(file.name for file in _files(path)[:6]),
        )
    folders = {file.parent for file in groups["train"]}
    if len(folders) > 1:
        raise ConvwrightError(
            f"{path} holds several data sets", hint=f"name one of {', '.join(map(str, sorted(folders)))}"
        )
    tables = {split: _table(files) for split, files in groups.items()}
    return RawData(
        splits={split: _split(table, groups[split][0]) for split, table in tables.items()},
        class_names=_class_names(tables["train"]),
    )


def _table(files: list[Path]) -> "pa.Table":
    """Read the rows of some files: into memory, or mapped from the cache if they are large.

    Parquet is read by groups of rows, a hundred images or more for each one that is wanted. So large files are written
    once as an Arrow table, in which every row is found at once; the `datasets` library does so with what it fetches.
    """
    with needs_extra("train"):
        import pyarrow as pa
        import pyarrow.parquet as pq

    try:
        if sum(file.stat().st_size for file in files) > LARGE:
            with needs_extra("train"):
                import datasets

            return datasets.Dataset.from_parquet([str(file) for file in files], cache_dir=cache_folder() / "arrow").data
        tables = [pq.read_table(file, memory_map=True, partitioning=None) for file in files]
        return pa.concat_tables(tables)
    except (pa.ArrowInvalid, OSError, RuntimeError) as error:
        raise ConvwrightError(f"{files[0]} cannot be read as Parquet ({error})", hint="fetch it again") from error


def column_named(columns: list[str], choices: tuple[str, ...], where: str) -> str:
    """Return the first of `choices` that is a column.

    Raises
    ------
    ConvwrightError
        When none is.
    """
    for name in choices:
        if name in columns:
            return name
    raise ConvwrightError(
        f"{where} lacks a column", expected=" or ".join(choices), got=", ".join(columns), hint="rename the column"
    )


def _split(table: "pa.Table", file: Path) -> RawSplit:
    import pyarrow as pa

    image_column = column_named(table.column_names, IMAGE_COLUMNS, str(file))
    label_column = column_named(table.column_names, LABEL_COLUMNS, str(file))
    kind = table.schema.field(label_column).type
    if not pa.types.is_integer(kind) or table.column(label_column).null_count:
        raise ConvwrightError(
            f"column {label_column} of {file}",
            expected="integers from 0 up, none missing",
            got=f"{kind}, {table.column(label_column).null_count} missing",
        )
    labels = table.column(label_column).to_numpy().astype(np.int64)
    return RawSplit(images=StoredImages(table, image_column, file), labels=labels)


@dataclass(frozen=True)
class StoredImages(EncodedImages):
    """The images of a column of structs (bytes, path) or of bytes.

    Attributes
    ----------
    table : pyarrow.Table, or one of the `datasets` library, which can be sent to processes without its content
        With the column.
    column : str
        By name.
    file : Path
        File of the table; paths in it are relative to its folder.
    """

    table: Any
    column: str
    file: Path

    def read(self, index: int) -> bytes:
        """Return the bytes in a row, or of the file that it names."""
        value = self.table.column(self.column)[index].as_py()
        content = value.get("bytes") if isinstance(value, dict) else value
        if isinstance(content, bytes):
            return content
        if isinstance(value, dict) and value.get("path"):
            return self.file.parent.joinpath(str(value["path"])).read_bytes()
        raise OSError(f"no image but {value!r:.60}")

    def place(self, index: int) -> str:
        """Its row."""
        return f"row {index} of column {self.column} of {self.file}"


def _class_names(table: "pa.Table") -> tuple[str, ...]:
    metadata = table.schema.metadata or {}
    features = json.loads(metadata.get(b"huggingface", b"{}")).get("info", {}).get("features", {})
    label = features.get(column_named(table.column_names, LABEL_COLUMNS, "the file"), {})
    return tuple(label.get("names", ()))


LAYOUT = DataLayout(
    title="Parquet in the Hub's layout",
    fits=lambda path: path.suffix == ".parquet" if path.is_file() else bool(_files(path)),
    files=_files,
    read=_read,
)
