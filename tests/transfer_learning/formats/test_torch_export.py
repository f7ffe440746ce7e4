"""A file of torch.export keeps the card."""

import json
import zipfile

import torch

from convwright.transfer_learning.formats.torch_export import FORMAT
from reference.export_program import CARD, small_program


def test_the_file_keeps_the_card(tmp_path):
    FORMAT.write(small_program(), tmp_path / "net.pt2", CARD)
    extra = {"model.json": ""}
    torch.export.load(tmp_path / "net.pt2", extra_files=extra)
    assert json.loads(extra["model.json"]) == CARD
    assert zipfile.is_zipfile(tmp_path / "net.pt2")
