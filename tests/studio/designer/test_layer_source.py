"""The line that built a layer, with its text where that may be shown."""

import linecache
from pathlib import Path

import pytest

import convwright
from convwright.studio.designer.layer_source import layer_source
from convwright.studio.shared.workbench import Workbench
from reference.studio_nets import NET


def of(bench, path, **texts):
    design = bench.design(texts)
    return layer_source(bench, design, bench.view(design), path)


@pytest.mark.parametrize(
    ("model", "path", "made"),
    [("resnet50", "stages.stage2.0", "block("), ("vgg11", "head", "head"), ("resnet20", "stem", "stem")],
)
def test_of_the_zoo(model, path, made):
    found = of(Workbench(model), path)
    assert found.words.startswith("convwright/models/")
    assert made in found.text.lower()
    file, _, line = found.words.rpartition(":")
    written = linecache.getline(str(Path(convwright.__file__).parents[1] / file), int(line))
    assert written.strip() == found.text.partition("\n")[0].strip()


def test_of_a_file_that_was_named_wherever_it_lies_and_as_it_is_now(tmp_path, monkeypatch):
    for name in ("work", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    file = Path("../elsewhere/net.py")
    file.write_text(NET)
    bench = Workbench(f"{file}:Net")
    assert of(bench, "0").text == "nn.Conv2d(3, 8, 3),  # first"
    assert of(bench, "0").place.line == 6
    file.write_text(NET.replace("3, 8, 3)", "3, 8, 5)").replace("def", "# more\ndef"))
    assert (of(bench, "0").text, of(bench, "0").place.line) == ("nn.Conv2d(3, 8, 5),  # first", 7)
    assert of(bench, "7") is None


def test_of_another_file_outside_of_the_working_folder_only_the_place_is_said(tmp_path, monkeypatch):
    for name in ("work", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    parts = "from torch import nn\n\n\ndef conv():\n    return nn.Conv2d(3, 8, 3)\n"
    Path("../elsewhere/secret_parts.py").write_text(parts)
    Path("net.py").write_text(
        NET.replace("nn.Conv2d(3, 8, 3)", "conv()").replace("nn\n", "nn\nfrom secret_parts import conv\n", 1)
    )
    found = of(Workbench("net.py:Net"), "0")
    assert found.words.endswith("secret_parts.py:5")
    assert found.text == ""


def test_a_long_expression_is_cut(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    layers = "".join(f"        nn.ReLU(),  # {number}\n" for number in range(20))
    Path("net.py").write_text(f"from torch import nn\n\n\ndef Net():\n    return nn.Sequential(\n{layers}    )\n")
    found = of(Workbench("net.py:Net"), "")
    assert found.text.startswith("return nn.Sequential(\n    nn.ReLU(),  # 0")
    assert found.text.endswith("# 6\n...")
