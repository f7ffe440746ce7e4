"""An ONNX file says its opset, its names and its card."""

import json

import pytest

from convwright.transfer_learning.formats.onnx import FORMAT, OPSET
from reference.export_program import CARD, small_program


def test_the_file_says_its_opset_names_and_card(tmp_path):
    onnx = pytest.importorskip("onnx")
    FORMAT.write(small_program(), tmp_path / "net.onnx", CARD)
    made = onnx.load(tmp_path / "net.onnx")
    onnx.checker.check_model(made, full_check=True)
    assert [(each.domain, each.version) for each in made.opset_import] == [("", OPSET)]
    assert {each.key: json.loads(each.value) for each in made.metadata_props} == CARD
    (images,), (logits,) = made.graph.input, made.graph.output
    assert (images.name, logits.name) == ("images", "logits")
    sizes = [each.dim_param or each.dim_value for each in images.type.tensor_type.shape.dim]
    assert sizes == ["batch", 3, 32, 32]
