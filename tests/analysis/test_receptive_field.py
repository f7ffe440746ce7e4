"""The facts: totals, gates, misaligned merges, unproductive layers, single positions, and which input is the image."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
import torchvision.models
from torch import Tensor, nn

from convwright.analysis.receptive_field import ReceptiveFields, receptive_fields
from convwright.errors import ConvwrightError
from convwright.graph import trace

IMAGE = (1, 4, 64, 64)


class Net(nn.Module):
    """A module from a function and the modules it uses."""

    def __init__(self, function: Callable[..., Any], *modules: nn.Module) -> None:
        super().__init__()
        self.function, self.parts = function, nn.ModuleList(modules)

    def forward(self, *inputs: Tensor) -> Any:
        return self.function(*inputs, *self.parts)


def fields_of(function: Callable[..., Any], *modules: nn.Module, inputs: Any = IMAGE) -> ReceptiveFields:
    return receptive_fields(trace(Net(function, *modules).eval(), inputs))


def conv(kernel_size: int = 3, stride: int = 1, padding: int | None = None) -> nn.Module:
    return nn.Conv2d(4, 4, kernel_size, stride, kernel_size // 2 if padding is None else padding)


def test_each_axis_by_itself() -> None:
    fields = fields_of(
        lambda x, a, b: b(a(x)), nn.Conv2d(4, 4, (1, 7), (1, 2)), nn.Conv2d(4, 4, (3, 1), dilation=(4, 1))
    )
    first, second = fields[0], fields[1]
    assert first is not None
    assert second is not None
    assert (first.receptive_field_px, first.jump_px, first.center_px) == ((1, 7), (1, 2), (0, 3))
    assert (second.receptive_field_px, second.jump_px, second.center_px) == ((9, 7), (1, 2), (4, 3))
    assert (fields.receptive_field_px, fields.jump_px, fields.center_px) == ((9, 7), (1, 2), (4, 3))


def test_fractional_jumps_after_upsampling() -> None:
    fields = fields_of(lambda x, a: F.interpolate(a(x), scale_factor=4, mode="nearest"), conv(3, 2))
    assert fields.jump_px == (0.5, 0.5)
    assert fields.receptive_field_px == (3, 3)


def test_what_lends_its_shape_or_dtype_is_not_seen() -> None:
    scale, gains = torch.ones(()), torch.ones(1, 4, 1, 1)
    fields = fields_of(lambda x, a: a(x) * (scale + 1).type_as(x) * (gains + 1).expand_as(x), conv())
    assert fields.receptive_field_px == (3, 3)
    assert [fields[op.index] is None for op in fields.graph.ops if op.kind in ("type_as", "expand_as")] == [True, True]


def test_what_is_pooled_or_flattened_is_no_map() -> None:
    fields = fields_of(lambda x, a: F.linear(a(x).mean((2, 3)), torch.ones(2, 4)), conv())
    assert fields.last_map is fields.graph.ops[0]
    pooled = fields[1]
    assert pooled is not None
    assert (pooled.receptive_field_px, pooled.jump_px) == ((66, 66), (None, None))
    flat = fields_of(lambda x, a: F.linear(a(x).flatten(1), torch.ones(2, 4 * 64 * 64)), conv())
    assert flat.last_map is flat.graph.ops[0]
    assert flat.clipped(flat.graph.ops[-1])[0][0].item() == 0
    assert flat.clipped(flat.graph.ops[-1])[1][1].item() == 63


class Excited(nn.Module):
    """A convolution and, unless it is left out, its squeeze-excite gate."""

    def __init__(self, *, gate: bool) -> None:
        super().__init__()
        self.conv, self.fc, self.gate = conv(5, 2), nn.Conv2d(4, 4, 1), gate

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return x * torch.sigmoid(self.fc(F.adaptive_avg_pool2d(x, 1))) if self.gate else x


def test_local_field_is_that_without_the_gates() -> None:
    gated, plain = (
        receptive_fields(trace(nn.Sequential(*(Excited(gate=gate) for _ in range(3)), conv()), IMAGE))
        for gate in (True, False)
    )
    assert gated.receptive_field_px == plain.receptive_field_px == (45, 45)
    assert gated.jump_px == plain.jump_px
    assert min(gated.full_receptive_field_px) >= 64
    assert plain.full_receptive_field_px == (45, 45)
    assert [op.path for op in gated.global_gates] == ["0", "1", "2"]
    assert not plain.global_gates
    last = gated.last_map
    assert last is not None
    assert (
        gated.field_of(last, (4, 4)).clipped == plain.field_of(plain.graph.ops[-1], (4, 4)).clipped == ((10, 54),) * 2
    )
    assert gated.field_of(last, (4, 4), full=True).clipped == ((0, 63), (0, 63))


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "efficientnet_b0", "regnet_y_400mf"])
def test_local_field_of_the_zoo_without_its_gates(name: str) -> None:
    def total(model: nn.Module) -> tuple[int, ...]:
        return receptive_fields(trace(model.eval(), (1, 3, 96, 96))).receptive_field_px

    model = torchvision.models.get_model(name)
    gated = total(model)
    for module in list(model.modules()):
        for child, part in module.named_children():
            if isinstance(part, torchvision.ops.SqueezeExcitation):
                setattr(module, child, nn.Identity())
    assert total(model) == gated


@pytest.mark.parametrize(
    "function",
    [
        lambda x: F.instance_norm(x),
        lambda x: F.group_norm(x, 2),
        lambda x: F.layer_norm(x, (64, 64)),
        lambda x: x + x.amax((2, 3), keepdim=True),
        lambda x: torch.cat([x, F.interpolate(F.avg_pool2d(x, 64), size=(64, 64))], 1),
        lambda x: F.batch_norm(x, None, None, training=True),
    ],
)
def test_gates_of_other_kinds(function: Callable[[Tensor], Tensor]) -> None:
    fields = fields_of(lambda x, a: function(a(x)), conv())
    assert len(fields.global_gates) == 1
    assert fields.receptive_field_px == (3, 3)
    assert fields.full_receptive_field_px == (66, 66)


def test_attention_is_no_gate_but_sees_everything() -> None:
    def attend(x: Tensor) -> Tensor:
        tokens = x.flatten(2).transpose(1, 2)
        return x + F.scaled_dot_product_attention(tokens, tokens, tokens).transpose(1, 2).reshape(x.shape)

    fields = fields_of(attend, inputs=(1, 4, 8, 6))
    assert fields.last_map is fields.graph.ops[-1]
    assert fields.receptive_field_px == (8, 6)
    tokens = fields[1]
    assert tokens is not None
    assert (tokens.receptive_field_px, tokens.jump_px) == ((1, 1), (None, None))
    assert fields.field_of(fields.graph.ops[1], (0, 7, 2)).clipped == ((1, 1), (1, 1))


def test_aligned_and_misaligned_merges() -> None:
    aligned = fields_of(lambda x, a, b: a(x) + b(x), conv(3, 2), conv(1, 2))
    assert aligned.misaligned == ()
    shifted = fields_of(lambda x, a, b: torch.cat([a(x), b(x)], 1), conv(3, 2, 1), conv(2, 2, 0))
    (merge,) = shifted.misaligned
    assert (merge.op.kind, merge.offset_px, merge.shift_px) == ("cat", (0.5, 0.5), (0.5, 0.5))
    # A 2x2 pool undone by repetition looks half a pixel to either side in turn.
    (merge,) = fields_of(lambda x: x + F.interpolate(F.max_pool2d(x, 2), scale_factor=2)).misaligned
    assert (merge.offset_px, merge.shift_px) == ((0.5, 0.5), (0.0, 0.0))


def test_cropped_branches_are_misaligned_by_the_crop() -> None:
    (merge,) = fields_of(lambda x, a: a(x) + x[:, :, :-4, 4:], conv(5, 1, 0)).misaligned
    assert merge.offset_px == (2.0, 2.0)


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "mobilenet_v2", "efficientnet_b0"])
def test_the_zoo_is_aligned(name: str) -> None:
    with torch.device("meta"):
        model = torchvision.models.get_model(name)
    assert receptive_fields(trace(model.eval(), (1, 3, 224, 224))).misaligned == ()


def test_unproductive_layers() -> None:
    # VGG-16's fields by hand: 3 5 (6) 10 14 (16) 24 32 40 (44) ...: at 32 px conv3_3, module 14, is the first too many.
    model = torchvision.models.vgg16().features.eval()
    fields = receptive_fields(trace(model, (1, 3, 32, 32)))
    inputs = {op.path: fields.of(op.input) for op in fields.graph.ops if op.kind in ("conv2d", "max_pool2d")}
    wide = [path for path, field in inputs.items() if field is not None and field.receptive_field_px[0] >= 32]
    assert (
        [op.path for op in fields.unproductive] == wide == ["14", "16", "17", "19", "21", "23", "24", "26", "28", "30"]
    )
    assert not receptive_fields(trace(model, (1, 3, 256, 256))).unproductive


def test_pointwise_layers_are_never_unproductive() -> None:
    assert [op.kind for op in fields_of(lambda x, a, b: b(a(x)), conv(65), conv(1)).unproductive] == []
    assert [op.path for op in fields_of(lambda x, a, b: b(a(x)), conv(65), conv(3)).unproductive] == ["parts.1"]


def test_one_position() -> None:
    fields = fields_of(lambda x, a: a(x), conv(7, 2))
    op = fields.graph.ops[0]
    corner = fields.field_of(op, (0, 1))
    assert (corner.first, corner.last, corner.clipped) == ((-3, -1), (3, 5), ((0, 3), (0, 5)))
    assert fields.field_of(op) == fields.field_of(op, (16, 16)) == fields.field_of(op, (0, 3, 16, 16))
    assert fields.field_of(op, (-1, -1)).clipped == ((59, 63), (59, 63))


def test_a_position_in_nothing_but_padding_sees_nothing() -> None:
    fields = fields_of(lambda x: F.pad(x, (2, 2, 2, 2)))
    assert fields.field_of(fields.graph.ops[0], (0, 30)).clipped is None


def test_positions_and_ops_that_are_not_there() -> None:
    fields = fields_of(lambda x, w, a: a(x) + w.relu(), conv(), inputs=[IMAGE, (64, 64)])
    with pytest.raises(ConvwrightError, match=r"one inside \(64, 64\)"):
        fields.field_of(fields.graph.ops[0], (64, 0))
    relu = next(op for op in fields.graph.ops if op.kind == "relu")
    with pytest.raises(ConvwrightError, match="does not depend on the image"):
        fields.field_of(relu)
    assert fields[relu.index] is None


def test_the_first_image_among_several_inputs() -> None:
    fields = fields_of(
        lambda label, x, y, a: a(x) + y + label[..., None, None], conv(), inputs=[(1, 4), IMAGE, (1, 4, 64, 64)]
    )
    assert fields.image is fields.graph.inputs[1]
    assert fields.receptive_field_px == (3, 3)
    other = receptive_fields(fields.graph, image=fields.graph.inputs[2])
    assert other.receptive_field_px == (1, 1)


@pytest.mark.parametrize(
    ("shape", "function", "modules", "pixels"),
    [
        ((1, 64, 48, 4), lambda x, a: a(x.permute(0, 3, 1, 2)), [nn.Conv2d(4, 4, (3, 5))], (3, 5)),
        ((4, 64, 48), lambda x, a: a(x), [nn.Conv2d(4, 4, (3, 5))], (3, 5)),
        ((1, 4, 50), lambda x, a: a(x), [nn.Conv1d(4, 4, 9)], (9,)),
        ((1, 4, 9, 9, 9), lambda x, a: a(x), [nn.Conv3d(4, 4, (1, 2, 3))], (1, 2, 3)),
    ],
)
def test_which_axes_are_the_image(shape: Any, function: Any, modules: list[nn.Module], pixels: Any) -> None:
    fields = fields_of(function, *modules, inputs=shape)
    assert fields.receptive_field_px == pixels
    assert len(fields.image_px) == len(pixels)


def test_no_image_no_fields() -> None:
    fields = fields_of(lambda x: x.relu(), inputs=(8,))
    assert fields.image is None
    assert fields[0] is None
    assert fields.receptive_field_px == ()
    assert fields.last_map is None


def test_unknown_ops_see_everything_and_are_listed() -> None:
    fields = fields_of(lambda x, a: a(F.grid_sample(x, torch.zeros(1, 8, 8, 2), align_corners=False)), conv())
    assert [op.kind for op in fields.unknown] == ["grid_sample"]
    found = fields[fields.graph.ops[-1].index]
    assert found is not None
    assert found.receptive_field_px == (64, 64)


def test_plain_values() -> None:
    model = torchvision.models.mobilenet_v3_small().eval()
    fields = receptive_fields(trace(model, (1, 3, 64, 64)))
    told = json.loads(json.dumps(fields.to_dict()))
    assert told["receptive_field_px"] == list(fields.receptive_field_px)
    assert told["last_map"]["path"] == "features.12.2"
    assert len(told["global_gates"]) == len(fields.global_gates) == 9
    assert told["image_px"] == [64, 64]


@pytest.mark.parametrize("name", ["vit_b_16", "swin_t", "maxvit_t", "convnext_tiny", "shufflenet_v2_x1_0"])
def test_the_rest_of_the_zoo_is_known(name: str) -> None:
    fields = receptive_fields(trace(torchvision.models.get_model(name).eval(), (1, 3, 224, 224)))
    assert not fields.unknown
    end = fields.of(fields.graph.ops[-1])
    assert end is not None
    assert min(end.full_receptive_field_px) >= 224


@pytest.mark.parametrize(("size", "wanted"), [(2, 82), (2, 61), (3, 123), (7, 41)])
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_nearest_positions_are_rounded_as_torch_rounds_them(mode, size, wanted):
    graph = trace(Net(lambda x: F.interpolate(x, size=(wanted, 3), mode=mode)), (1, 1, size, 3))
    first, last = receptive_fields(graph).clipped(graph.ops[-1])[0]
    rows = torch.arange(float(size)).view(1, 1, size, 1).expand(1, 1, size, 3)
    copied = F.interpolate(rows, size=(wanted, 3), mode=mode)[0, 0, :, 0]
    assert first.flatten().tolist() == last.flatten().tolist() == copied.tolist()


def test_a_fully_connected_layer_written_as_a_convolution_is_a_head():
    body = [nn.Conv2d(3, 4, 3, padding=1), nn.MaxPool2d(4)]
    written = nn.Sequential(*body, nn.Conv2d(4, 9, 7), nn.ReLU(), nn.Conv2d(9, 5, 1))
    usual = nn.Sequential(*body, nn.Flatten(), nn.Linear(4 * 49, 9), nn.ReLU(), nn.Linear(9, 5))
    found = [receptive_fields(trace(net, (1, 3, 28, 28))) for net in (written, usual)]
    assert [each.last_map.path for each in found] == ["1", "1"]
    assert [each.receptive_field_px for each in found] == [(6, 6), (6, 6)]
