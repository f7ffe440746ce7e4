"""Parquet in the Hub's layout."""

import pickle

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from convwright.data.sources import parquet
from convwright.data.sources.find import layout_of
from convwright.data.sources.parquet import LAYOUT
from convwright.errors import ConvwrightError
from reference.small_sets import encoded, pixels, write_hub_folder, write_parquet

CONTENTS = [encoded(image) for image in pixels(4)]


def test_a_folder_with_parts(tmp_path):
    write_hub_folder(tmp_path / "data", pixels(4), pixels(2), image="image", label="fine_label")
    assert layout_of(tmp_path) is LAYOUT
    raw = LAYOUT.read(tmp_path)
    assert raw.class_names == ("cat", "dog")
    assert raw.splits["train"].labels.tolist() == [0, 1, 0, 1]
    assert raw.splits["train"].images.read(3) == CONTENTS[3]
    assert "row 3 of column image of" in raw.splits["train"].images.place(3)
    assert len(raw.splits["test"].labels) == 2


def test_one_file_is_all_training_whatever_its_name(tmp_path):
    for name in ("pets.parquet", "test.parquet"):
        raw = LAYOUT.read(write_parquet(tmp_path / name, CONTENTS, [0, 1, 1, 0], names=()))
        assert list(raw.splits) == ["train"]
        assert raw.class_names == ()


def test_parts_in_several_files_are_one(tmp_path):
    for shard in range(2):
        write_parquet(tmp_path / f"train-0000{shard}-of-00002.parquet", CONTENTS[2 * shard :][:2], [shard, 1])
    raw = LAYOUT.read(tmp_path)
    assert raw.splits["train"].labels.tolist() == [0, 1, 1, 1]
    assert raw.splits["train"].images.read(2) == CONTENTS[2]


@pytest.mark.parametrize("names", [("cat", "dog"), ()])
def test_large_files_are_mapped_from_the_cache(tmp_path, monkeypatch, names):
    monkeypatch.setattr(parquet, "LARGE", 1000)
    monkeypatch.setenv("CONVWRIGHT_CACHE", str(tmp_path / "cache"))
    for shard in range(2):
        path = tmp_path / "set" / f"train-0000{shard}-of-00002.parquet"
        write_parquet(path, CONTENTS[2 * shard :][:2], [shard, 1], names=names)
    raw = LAYOUT.read(tmp_path / "set")
    part = raw.splits["train"]
    assert raw.class_names == names
    assert part.labels.tolist() == [0, 1, 1, 1]
    assert [part.images.read(row) for row in range(4)] == CONTENTS
    assert part.images.table.nbytes > 1000
    assert list((tmp_path / "cache" / "arrow").rglob("*.arrow"))
    sent = pickle.dumps(part.images)  # the place of the rows, not the rows
    assert all(content not in sent for content in CONTENTS)
    assert pickle.loads(sent).read(3) == CONTENTS[3]
    (tmp_path / "set" / "train-00000-of-00002.parquet").write_bytes(b"x" * 2000)
    with pytest.raises(ConvwrightError, match="cannot be read as Parquet"):
        LAYOUT.read(tmp_path / "set")


def test_images_may_be_bare_bytes_or_paths(tmp_path):
    (tmp_path / "one.png").write_bytes(CONTENTS[0])
    pq.write_table(pa.table({"image": [CONTENTS[1]] * 2, "label": [0, 1]}), tmp_path / "bare.parquet")
    assert LAYOUT.read(tmp_path / "bare.parquet").splits["train"].images.read(0) == CONTENTS[1]
    rows = [{"bytes": None, "path": "one.png"}, {"bytes": None, "path": None}]
    pq.write_table(pa.table({"image": rows, "label": [0, 1]}), tmp_path / "paths.parquet")
    images = LAYOUT.read(tmp_path / "paths.parquet").splits["train"].images
    assert images.read(0) == CONTENTS[0]
    with pytest.raises(OSError, match="no image but"):
        images.read(1)


def test_what_is_wrong_is_named(tmp_path):
    with pytest.raises(ConvwrightError, match=r"lacks a column: expected img or image, got picture, label"):
        LAYOUT.read(write_parquet(tmp_path / "a.parquet", CONTENTS, [0] * 4, image="picture"))
    with pytest.raises(ConvwrightError, match=r"lacks a column: expected label or fine_label or labels, got img, y"):
        LAYOUT.read(write_parquet(tmp_path / "b.parquet", CONTENTS, [0] * 4, label="y", names=()))
    with pytest.raises(ConvwrightError, match=r"column label of .*: expected integers.*got string, 0 missing"):
        LAYOUT.read(write_parquet(tmp_path / "c.parquet", CONTENTS, ["x"] * 4))
    with pytest.raises(ConvwrightError, match=r"does not say which files are for training.*got a.parquet, b.parquet"):
        LAYOUT.read(write_hub_folder(tmp_path, pixels(2), pixels(2)))
    (tmp_path / "d.parquet").write_text("not parquet at all")
    with pytest.raises(ConvwrightError, match=r"d.parquet cannot be read as Parquet"):
        LAYOUT.read(tmp_path / "d.parquet")


def test_several_sets_in_one_folder_are_refused(tmp_path):
    for size in ("160px", "320px"):
        write_hub_folder(tmp_path / size, pixels(2), pixels(2))
    with pytest.raises(ConvwrightError, match=r"holds several data sets; name one of .*160px, .*320px"):
        LAYOUT.read(tmp_path)
