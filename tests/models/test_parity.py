"""Our networks against torchvision's and timm's: the same weights give the same outputs and the same count."""

import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision import models as torchvision_models

from convwright.models import build
from reference.sampling import sampled
from reference.torchvision_twins import torchvision_twins

TORCHVISION = torchvision_twins()
TIMM = {  # ours -> timm's
    "se_resnet50": "seresnet50",
    "preact_resnet18": "resnetv2_18",
    "preact_resnet34": "resnetv2_34",
    "preact_resnet50": "resnetv2_50",
    "preact_resnet101": "resnetv2_101",
    "preact_resnet152": "resnetv2_152",
    **{f"efficientnet_lite{i}": f"tf_efficientnet_lite{i}" for i in range(5)},
}


def test_every_shared_architecture_is_compared():
    assert len(TORCHVISION) >= 33
    assert {"vgg11_bn", "resnet152", "resnext101_64x4d", "densenet161", "efficientnet_b7"} <= set(TORCHVISION)


@pytest.mark.parametrize("name", sampled(TORCHVISION, 8))
def test_torchvision_weights_give_torchvision_outputs(name, tmp_path):
    with torch.device("meta"):
        theirs = torchvision_models.get_model(name, weights=None)
    check_parity(name, theirs, tmp_path, size=64)


@pytest.mark.parametrize("name", sampled(TIMM, 4))
def test_timm_weights_give_timm_outputs(name, tmp_path):
    with torch.device("meta"):
        theirs = timm.create_model(TIMM[name], pretrained=False)
    check_parity(name, theirs, tmp_path, size=65)  # odd: SAME padding is uneven


def check_parity(name, theirs, tmp_path, *, size):
    theirs = fill(theirs.to_empty(device="cpu")).eval()
    save_file(theirs.state_dict(), tmp_path / "weights.safetensors")
    ours = build(name, weights=str(tmp_path / "weights.safetensors")).eval()
    (tmp_path / "weights.safetensors").unlink()
    assert count(ours) == count(theirs)
    x = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected, got = theirs(x), ours(x)
    assert expected.std() > 1e-3  # a dead network would agree with anything
    assert (got - expected).abs().max() <= 1e-5 * expected.abs().max()


def fill(module: nn.Module) -> nn.Module:
    """Weights that keep activations of order one through any depth, and statistics unlike a fresh net's."""
    generator = torch.Generator().manual_seed(0)
    for name, tensor in module.state_dict().items():
        if name.endswith("num_batches_tracked"):
            tensor.zero_()
        elif name.endswith("running_var"):
            tensor.uniform_(0.8, 1.2, generator=generator)
        elif tensor.ndim >= 2:
            tensor.normal_(std=(2 / tensor[0].numel()) ** 0.5, generator=generator)
        elif name.endswith("weight"):
            tensor.uniform_(0.6, 1.0, generator=generator)
        else:
            tensor.normal_(std=0.1, generator=generator)
    return module


def count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())
