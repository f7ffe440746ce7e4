"""What all layouts share: lists of files."""

import pickle

from convwright.data.sources.find import LAYOUTS
from convwright.data.sources.raw import FileImages, files_below


def test_hidden_files_are_left_out_and_the_order_is_fixed(tmp_path):
    for name in ("b.txt", "a/c.txt", ".DS_Store", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert files_below(tmp_path) == [tmp_path / "a" / "c.txt", tmp_path / "b.txt"]
    images = FileImages.at(files_below(tmp_path))
    assert images.read(1) == b"b.txt"
    assert images.place(1) == str(tmp_path / "b.txt")
    assert pickle.loads(pickle.dumps(images)).read(0) == b"a/c.txt"  # as it is sent to workers
    assert "b.txt cannot be decoded (cut off)" in str(images.corrupt(1, OSError("cut off")))


def test_every_layout_has_its_own_title():
    assert len({layout.title for layout in LAYOUTS}) == len(LAYOUTS)
