"""Features: those of the network itself, computed once for what they depend on, and again for anything else."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convwright.data import ImageSet
from convwright.data.cache import cache_folder
from convwright.errors import ConvwrightError
from convwright.models import Preprocessing, build
from convwright.transfer_learning import backbone_of, extract
from reference.small_sets import encoded, encoded_set, pixels
from reference.tiny_training import tiny_data, tiny_net

DATA = tiny_data(train=70)  # three batches, the last a small one


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVWRIGHT_CACHE", str(tmp_path))


@pytest.fixture
def backbone():
    return backbone_of(tiny_net(), image_shape=(3, 8, 8))


def normalized(images, data=DATA):
    mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in (data.mean, data.std))
    return (images.images.float() / 255 - mean) / std


@pytest.mark.parametrize("cache", [True, False])
def test_features_are_what_the_network_makes(backbone, cache):
    stages = [*backbone.channels, "head"]
    found = extract(backbone, DATA.train, DATA, stages=stages, cache=cache)
    with torch.no_grad():
        expected = backbone.outputs(normalized(DATA.train), stages)
    assert list(found.values) == stages
    for stage in stages:
        assert found[stage].dtype == torch.float32
        torch.testing.assert_close(found[stage], expected[stage])
    assert torch.equal(found.labels, DATA.train.labels)
    assert len(found) == 70
    assert backbone.model.training


def test_the_zoo_sees_the_same_through_the_cache():
    backbone = backbone_of(build("efficientnet_lite0", width=0.3, depth=0.3))
    found = extract(backbone, DATA.test, DATA, stages=["head", "stage3"])
    with torch.no_grad():
        x = normalized(DATA.test)
        torch.testing.assert_close(found["head"], backbone.features(x))
        torch.testing.assert_close(found["stage3"], backbone.model.eval().forward_stages(x)["stage3"].mean((2, 3)))


def test_they_are_computed_once(backbone):
    seen = []
    first = extract(backbone, DATA.train, DATA, watch=lambda done, total: seen.append((done, total)))
    assert seen == [(32, 70), (64, 70), (70, 70)]
    again = extract(backbone, DATA.train, DATA, watch=lambda *_: pytest.fail("computed again"))
    assert (first.from_cache, again.from_cache) == (False, True)
    assert again.seconds == first.seconds > 0
    assert torch.equal(again["head"], first["head"])
    assert torch.equal(extract(backbone, DATA.train, DATA, cache=False)["head"], first["head"])


def test_anything_that_they_depend_on_makes_them_anew(backbone):
    extract(backbone, DATA.train, DATA)
    changed = tiny_net()
    with torch.no_grad():
        changed[0].weight[0, 0, 0, 0] += 1e-3
    statistics = tiny_net()
    statistics[1].running_mean += 0.1
    other = tiny_net()
    other[2] = nn.LeakyReLU()  # the same weights
    fewer = DATA.train.subset(torch.arange(60))
    pixel = ImageSet(images=DATA.train.images.clone(), labels=DATA.train.labels)
    pixel.images[0, 0, 0, 0] ^= 1
    calls = [
        *((backbone_of(net, image_shape=(3, 8, 8)), DATA.train, DATA, {}) for net in (changed, statistics, other)),
        (backbone, fewer, DATA, {}),
        (backbone, pixel, DATA, {}),
        (backbone, DATA.train, replace(DATA, mean=(0.4,) * 3), {}),
        (backbone, DATA.train, DATA, {"precision": "bf16"}),
        (backbone, DATA.train, DATA, {"stages": ["0", "head"]}),
    ]
    for view, images, data, options in calls:
        assert not extract(view, images, data, **options).from_cache
    assert extract(backbone, DATA.train, DATA).from_cache


def test_the_mode_of_the_network_does_not_count(backbone):
    first = extract(backbone, DATA.train, DATA)
    backbone.model.eval()
    again = extract(backbone, DATA.train, DATA)
    assert again.from_cache
    assert torch.equal(again["head"], first["head"])
    assert not backbone.model.training


def test_damaged_features_are_made_anew(backbone):
    first = extract(backbone, DATA.train, DATA)["head"].clone()
    (file,) = cache_folder().glob("*/head.bin")
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.warns(UserWarning, match=r"head\.bin does not have its checksum.* made anew"):
        again = extract(backbone, DATA.train, DATA)
    assert not again.from_cache
    assert torch.equal(again["head"], first)


def test_images_that_stay_encoded_give_the_same(backbone):
    arrays = pixels(40, 3, 8, 8)
    in_memory = ImageSet(images=torch.from_numpy(arrays), labels=torch.arange(40) % 2)
    in_files = encoded_set([encoded(array) for array in arrays], 8)
    ours, theirs = (extract(backbone, images, DATA) for images in (in_memory, in_files))
    assert torch.equal(ours["head"], theirs["head"])
    assert torch.equal(ours.labels, theirs.labels)


def test_half_precision_is_near(backbone):
    exact, half = (extract(backbone, DATA.test, DATA, precision=name)["head"] for name in ("fp32", "bf16"))
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, exact, rtol=0.05, atol=0.02)
    assert not torch.equal(half, exact)


class Viewing(nn.Module):
    """Flattens by `view`, which wants maps in the default memory format."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.linear = nn.Linear(144, 2)

    def forward(self, x):
        x = self.conv(x).relu()
        return self.linear(x.view(len(x), -1))


def test_a_network_that_flattens_by_view_works():
    backbone = backbone_of(Viewing(), image_shape=(3, 8, 8))
    with torch.no_grad():
        expected = backbone.model.conv(normalized(DATA.test)).relu().flatten(1)
    torch.testing.assert_close(extract(backbone, DATA.test, DATA)["head"], expected)


@pytest.mark.parametrize("cache", [True, False])
def test_a_classifier_can_be_trained_on_them(backbone, cache):
    features = extract(backbone, DATA.train, DATA, cache=cache)
    linear = nn.Linear(8, 3)
    F.cross_entropy(linear(features["head"]), features.labels).backward()
    assert linear.weight.grad.abs().sum() > 0


def test_images_have_to_be_prepared_as_the_weights_need_it(backbone):
    needed = Preprocessing(resize_px=9, crop_px=8, mean=DATA.mean, std=DATA.std)
    assert len(extract(replace(backbone, preprocessing=needed), DATA.test, DATA)) == 30
    for change in ({"crop_px": 9}, {"mean": (0.5, 0.3, 0.3)}, {"std": (0.2, 0.2, 0.21)}):
        with pytest.raises(ConvwrightError, match=r"as the weights.*load them with the preprocessing") as caught:
            extract(replace(backbone, preprocessing=replace(needed, **change)), DATA.test, DATA)
        assert "got 8 x 8 px, mean 0.3 0.3 0.3, std 0.2 0.2 0.2" in str(caught.value)


def test_what_cannot_be_extracted(backbone):
    with pytest.raises(ConvwrightError, match="at least one image"):
        extract(backbone, DATA.train.subset(torch.arange(0)), DATA)
    with pytest.raises(ConvwrightError, match="unknown stage '7'"):
        extract(backbone, DATA.train, DATA, stages=["7"])
    with pytest.raises(ConvwrightError, match="unknown precision 'fp8'"):
        extract(backbone, DATA.train, DATA, precision="fp8")
    gray = backbone_of(build("resnet20", in_channels=1))
    with pytest.raises(ConvwrightError, match="expected 1 channels, got 3"):
        extract(gray, DATA.train, DATA)
    with torch.no_grad():
        backbone.model[0].weight.fill_(torch.nan)
    with pytest.raises(ConvwrightError, match=r"expected finite numbers.*check the weights"):
        extract(backbone, DATA.train, DATA)
    assert [path.suffix for path in cache_folder().iterdir() if path.is_dir()] == []
