"""A model that cannot run is told which call failed, what came, what was expected, and what to change."""

import re
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convwright.errors import ConvwrightError
from convwright.graph import trace


class Net(nn.Module):
    def __init__(self, after: Any) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(64)
        self.fc = nn.Linear(512, 10)
        self.big = nn.Conv2d(64, 8, 9)
        self.up = nn.ConvTranspose2d(32, 8, 2)
        self.groups = nn.GroupNorm(8, 16)
        self.layers = nn.LayerNorm(63)
        self.after = after

    def forward(self, x: Tensor) -> Any:
        return self.after(self, self.bn1(self.conv1(x)))


def failure(after: Any, inputs: Any = (1, 3, 32, 32), training: bool = False) -> str:
    with pytest.raises(ConvwrightError) as caught:
        trace(Net(after).train(training), inputs, values=False)
    return str(caught.value)


HERE = r"[\w./-]*test_failure\.py:\d+"


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (
            lambda m, x: m.fc(x.flatten(1)),
            rf"`fc` \(linear at {HERE}\): expected 512 features, got 65536 in \(1, 65536\) from flatten; "
            rf"set in_features=65536 \({HERE}\) or pool globally first \(then in_features=64\)",
        ),
        (lambda m, x: m.fc(x), rf"expected 512 features.*pool globally or flatten first.*64 or 65536 \({HERE}\)"),
        (lambda m, x: m.fc(x.reshape(1, 8, -1)), r"expected 512 features, got 8192.*set in_features=8192"),
        (
            lambda m, x: m.conv1(x),
            rf"`conv1` \(conv2d at {HERE}\): expected 3 channels, got 64 in \(1, 64, 32, 32\) from `bn1`; "
            rf"set in_channels=64 \({HERE}\)",
        ),
        (lambda m, x: m.conv1(x.flatten(1)), r"expected a map \(N, C, H, W\), got \(1, 65536\).*before flattening"),
        (lambda m, x: m.bn1(m.big(x)), rf"expected 64 channels, got 8 .* from `big`; set num_features=8 \({HERE}\)"),
        (lambda m, x: m.up(x), r"expected 32 channels, got 64.*set in_channels=64"),
        (lambda m, x: m.up(x[:, :32].half()), r"expected float32, got float16.*x.to\(torch.float32\)"),
        (lambda m, x: F.conv2d(x, m.big.weight, m.fc.bias), r"expected a bias of 8 values, got \(10,\)"),
        (
            lambda _, x: F.conv2d(x, torch.ones(3, 32, 1, 1), groups=2),
            r"2 groups divide, got 3; set out_channels=4",
        ),
        (lambda m, x: m.groups(x), r"expected 16 channels, got 64.*set num_channels=64"),
        (lambda _, x: F.group_norm(x, 7), r"expected channels that 7 groups divide.*set num_groups=4"),
        (lambda m, x: m.layers(x), r"expected last axes \(63,\).*normalized_shape=\(32,\)"),
        (
            lambda m, x: m.big(F.max_pool2d(x, 8)),
            r"expected a map of at least 9x9 px under a window of 9x9, got 4x4 px in \(1, 64, 4, 4\) from max_pool2d",
        ),
        (lambda _, x: F.max_pool2d(x, 40), r"max_pool2d at .*expected a map of at least 40x40 px"),
        (
            lambda _, x: F.max_pool2d(x, 2, padding=2),
            r"at most half the window, 1x1, got 2x2; set padding=1",
        ),
        (lambda m, x: x + m.up(x[:, :32]), r"two tensors of one shape.*`bn1` and .*from `up`"),
        (lambda _, x: x + x[:, :32], r"got \(1, 64, 32, 32\) from `bn1`.*as many channels.*1x1 projection"),
        (lambda _, x: x * F.avg_pool2d(x, 2), r"from `bn1` and \(1, 64, 16, 16\) from avg_pool2d; downsample both"),
        (lambda _, x: x[..., :1].relu().add_(x), r"add at .*two tensors of one shape"),
        (lambda _, x: x + x.flatten(1), r"make the shapes agree"),
        (lambda _, x: torch.cat([x, F.max_pool2d(x, 2)], 1), r"equal sizes except along dim 1.*F.interpolate"),
        (
            lambda _, x: x.view(-1, 300),
            r"that fill \(-1, 300\).*one image holds 65536: .*flatten\(1\)",
        ),
        (lambda _, x: x.permute(0, 2, 3, 1).view(1, -1), r"row-major order.*use reshape"),
        (lambda _, x: x @ x[:, :, :5], r"inner sizes that agree"),
        (lambda _, x: F.interpolate(x, size=(3, 3, 3)), r"interpolate at .* fails: Input and output must have"),
        (lambda _, x: x.softmax(9), r"softmax at .*expected dim below 4, got 9"),
        (lambda *_: 1 / 0, rf"forward at {HERE} raised ZeroDivisionError: division by zero"),
        (lambda m, x: m.missing(x), r"raised AttributeError: 'Net' object has no attribute 'missing'"),
    ],
)
def test_what_is_wrong_and_what_to_change(after: Any, message: str) -> None:
    text = failure(after)
    assert re.search(message, text), text


@pytest.mark.parametrize(
    "after",
    [
        lambda _, x: x if x.sum() > 0 else -x,
        lambda _, x: x * x.max().item(),
        lambda _, x: x * int(x.sum()),
        lambda _, x: x * float(x.sum()),
        lambda _, x: x.tolist(),
        lambda _, x: x.numpy(),
        lambda _, x: np.asarray(x),
        lambda _, x: [1, 2, 3][x.sum()],
        lambda _, x: list(range(x.sum())),
        lambda _, x: x[x > 0],
        lambda _, x: x.nonzero(),
        lambda _, x: torch.unique(x),
        lambda _, x: x[: x.sum().long()],
        lambda _, x: f"{x.sum():.2f}",
        lambda _, x: torch.equal(x, x),
        lambda m, x: x if m.bn1.running_mean.mul(x.mean()).sum() > 0 else -x,
    ],
)
def test_code_that_needs_numbers_is_named(after: Any) -> None:
    text = failure(after)
    assert re.search(rf"at {HERE}\)? depends on data.*torch.where", text), text


def test_the_wrong_number_of_channels_can_be_the_inputs_fault() -> None:
    assert re.search(
        rf"got 1 in \(1, 1, 32, 32\) from input `x`; set in_channels=1 \({HERE}\) or pass an input with 3",
        failure(None, (1, 1, 32, 32)),
    )


def test_one_value_per_channel_in_train_mode() -> None:
    text = failure(None, (1, 3, 1, 1), training=True)
    assert "batch of 2 or more" in text or "more than 1 value per channel" in text


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([(1, 3, 4, 4), (1, 2)], r"forward does not take these inputs.*expected \(x.*\), got 2 positional"),
        ({"image": (1, 3, 4, 4)}, r"does not take these inputs.*got image"),
        ("3x4x4", r"expected a shape, a tensor"),
        (4, r"expected a shape, a tensor"),
        ((0, 3, 2, 2), r"sizes of at least 1"),
        ([object()], r"`conv1` .*raised TypeError: conv2d.*object"),
        ((), r"does not take"),
    ],
)
def test_inputs_that_do_not_fit(inputs: Any, message: str) -> None:
    assert re.search(message, failure(None, inputs))


def test_not_a_module() -> None:
    with pytest.raises(ConvwrightError, match=r"expected an nn.Module, got type"):
        trace(Net, (1, 3, 4, 4))  # type: ignore[arg-type]


def test_an_op_that_hides_from_torch_functions_is_an_error() -> None:
    def forward(_: Any, x: Tensor) -> Tensor:
        with torch._C.DisableTorchFunction():
            hidden = x * torch.sigmoid(x)
        return hidden.relu()

    assert "made where a trace cannot look; call the Python function" in failure(forward)


def test_a_failure_that_the_model_handles_is_no_failure() -> None:
    def forward(m: Any, x: Tensor) -> Tensor:
        try:
            return m.big(x[..., :4, :4])
        except ValueError:
            return m.big(x).relu()

    graph = trace(Net(forward), (1, 3, 32, 32))
    assert [(op.kind, op.path) for op in graph.ops[-2:]] == [("conv2d", "big"), ("relu", "")]


def test_the_original_exception_is_kept() -> None:
    with pytest.raises(ConvwrightError) as caught:
        trace(Net(lambda *_: {}["missing"]), (1, 3, 32, 32))
    assert isinstance(caught.value.__cause__, KeyError)
