"""Every torchvision classifier and a fixed list of timm CNNs: traced without failure, with nothing missed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torchvision
from torch import nn

from convwright.graph import Graph, trace
from reference.sampling import sampled

timm = pytest.importorskip("timm")

TORCHVISION = torchvision.models.list_models(module=torchvision.models)
TIMM = [line for line in (Path(__file__).parent / "timm_cnns.txt").read_text().splitlines() if line[0] != "#"]
MULTIPLYING = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.Linear, nn.Bilinear)

pytestmark = pytest.mark.filterwarnings("ignore")  # deprecations of model libraries are theirs


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def torchvision_model(name: str) -> nn.Module:
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    return torchvision.models.get_model(name, weights=None, **options).eval()


def assert_complete(graph: Graph) -> None:
    """Every module that multiplies and was called shows up as an op, and every op has a line of source."""
    called = {p for p, row in graph.modules.items() if row.num_calls and issubclass(row.module_class, MULTIPLYING)}
    traced = {op.path for op in graph.ops if op.kind.startswith("conv") or op.kind in ("linear", "bilinear")}
    assert called <= traced
    assert all(op.place is not None and op.place.line > 0 for op in graph.ops)
    made = {tensor for op in graph.ops for tensor in op.outputs}
    assert all(tensor in made for op in graph.ops for tensor in op.inputs if tensor.role == "result")


@pytest.mark.parametrize("name", sampled(TORCHVISION, 16))
@pytest.mark.usefixtures("regnets_on_meta")
def test_torchvision(name: str) -> None:
    with torch.device("meta"):
        model = torchvision_model(name)
    size = 299 if name == "inception_v3" else 224
    graph = trace(model, (2, 3, size, size))
    assert_complete(graph)
    assert graph.outputs[""].shape == (2, 1000)
    assert {row.name for row in graph.parameters.values()} == dict(model.named_parameters()).keys()


@pytest.mark.parametrize("name", sampled(TIMM, 32))
def test_timm(name: str) -> None:
    with torch.device("meta"):
        model = timm.create_model(name, pretrained=False).eval()
    graph = trace(model, (1, *model.default_cfg["input_size"]))
    assert_complete(graph)
    (output,) = graph.outputs.values()
    assert output.shape[0] == 1
    assert not model.num_classes or output.shape == (1, model.num_classes)


def test_the_lists_are_long_enough() -> None:
    assert len(TORCHVISION) >= 80
    assert len(set(TIMM)) >= 150


@pytest.mark.parametrize(
    "name", ["resnet50", "efficientnet_b0", "densenet121", "shufflenet_v2_x1_0", "convnext_tiny", "swin_t", "maxvit_t"]
)
def test_every_module_gets_what_a_forward_on_meta_gives(name: str) -> None:
    with torch.device("meta"):
        model = torchvision_model(name)
    real: dict[str, list[tuple[tuple[int, ...], torch.dtype]]] = {}

    def keep(path: str) -> None:
        def hook(_module: nn.Module, _args: object, result: object) -> None:
            if isinstance(result, torch.Tensor):
                real.setdefault(path, []).append((tuple(result.shape), result.dtype))

        model.get_submodule(path).register_forward_hook(hook)

    graph = trace(model, (1, 3, 224, 224))
    leaves = [path for path, row in graph.modules.items() if row.is_leaf]
    for path in leaves:
        keep(path)
    with torch.no_grad():
        model(torch.empty(1, 3, 224, 224, device="meta"))
    for path in leaves:
        ops = graph.ops_in(path)
        if ops:
            assert (ops[-1].output.shape, ops[-1].output.dtype) == real[path][-1]


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "googlenet", "inception_v3", "shufflenet_v2_x0_5"])
def test_quantizable(name: str) -> None:
    builder = getattr(torchvision.models.quantization, name)
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    model = builder(weights=None, quantize=False, **options).eval()
    graph = trace(model, (1, 3, 299, 299))
    assert_complete(graph)
    assert graph.outputs[""].shape == (1, 1000)


@pytest.mark.parametrize("name", ["fcn_resnet50", "deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large"])
def test_segmentation_gives_a_dict(name: str) -> None:
    with torch.device("meta"):
        model = torchvision.models.get_model(name, weights=None, weights_backbone=None).eval()
    graph = trace(model, (1, 3, 64, 96))
    assert_complete(graph)
    assert graph.outputs["out"].shape == (1, 21, 64, 96)


@pytest.mark.parametrize("name", ["r3d_18", "s3d", "mvit_v1_b"])
def test_video(name: str) -> None:
    with torch.device("meta"):
        model = torchvision.models.get_model(name, weights=None).eval()
    size = 224 if name != "r3d_18" else 112
    graph = trace(model, (1, 3, 16, size, size))
    assert_complete(graph)
    assert graph.outputs[""].shape == (1, 400)
