"""Stages of networks from anywhere: every parameter once, as the forward pass comes to it, parted where maps shrink."""

import pytest
import torch
import torchvision
from torch import nn

from convwright.errors import ConvwrightError
from convwright.models import build, config_of, families
from convwright.transfer_learning import backbone_of
from reference.sampling import sampled

timm = pytest.importorskip("timm")

TORCHVISION = torchvision.models.list_models(module=torchvision.models)
TIMM = [
    *("resnet18", "convnext_atto", "vgg11", "mobilenetv3_small_100", "hrnet_w18_small", "vit_tiny_patch16_224"),
    *("levit_128s", "nfnet_l0", "fastvit_t8", "dla34", "densenet121"),
]

pytestmark = pytest.mark.filterwarnings("ignore")  # deprecations of model libraries are theirs


def assert_whole(backbone):
    """Each parameter in one stage; what each stage hands on has the channels that were promised."""
    for name, _ in backbone.model.named_parameters():
        homes = [
            stage
            for stage, paths in backbone.stages.items()
            for path in paths
            if name == path or name.startswith(f"{path}.")
        ]
        assert len(homes) == 1, name
        assert (homes == ["head"]) == name.startswith(f"{backbone.classifier}."), name
    assert list(backbone.stages)[-1] == "head"
    found = backbone.outputs(torch.empty(2, *backbone.image_shape, device="meta"), [*backbone.channels, "head"])
    shapes = {stage: tuple(values.shape) for stage, values in found.items()}
    assert shapes == {s: (2, c) for s, c in backbone.channels.items()} | {"head": (2, backbone.num_features)}


@pytest.mark.parametrize("name", [next(iter(family.variants)) for family in families().values()])
def test_the_zoo_has_names(name):
    backbone = backbone_of(build(name, device="meta"))
    assert_whole(backbone)
    assert list(backbone.channels) == list(backbone.stages)[:-1]
    own = [f"stage{number}" for number in range(1, len(backbone.model.stages) + 1)]
    assert [stage for stage in backbone.stages if stage.startswith("stage")] == own
    assert backbone.image_shape[1] == config_of(name).input_size


def test_layers_between_pooling_and_classifier_are_a_stage():
    for name, hidden in (("vgg11", ("head.hidden1", "head.hidden2")), ("mobilenet_v3_small", ("head.hidden1",))):
        backbone = backbone_of(build(name, device="meta"))
        assert list(backbone.stages.items())[-2:] == [("hidden", hidden), ("head", ("head.linear",))]


@pytest.mark.parametrize("name", sampled(TORCHVISION, 16))
@pytest.mark.usefixtures("regnets_on_meta")
def test_torchvisions_networks(name):
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    with torch.device("meta"):
        model = torchvision.models.get_model(name, weights=None, **options)
    size = 299 if name == "inception_v3" else getattr(model, "image_size", 224)
    if name.startswith("squeezenet"):
        with pytest.raises(ConvwrightError, match=r"expected that of one nn\.Linear.*got that of flatten"):
            backbone_of(model)
        return
    backbone = backbone_of(model, image_shape=(3, size, size))
    assert_whole(backbone)
    if not name.startswith(("vit", "swin", "maxvit")):
        assert len(backbone.channels) >= 4


@pytest.mark.parametrize("name", TIMM)
def test_timms_networks(name):
    with torch.device("meta"):
        model = timm.create_model(name)
    size = model.default_cfg["input_size"]
    if name in ("levit_128s", "dla34"):  # two classifiers, and one that is a convolution
        with pytest.raises(ConvwrightError, match="a network whose classifier is something else"):
            backbone_of(model, image_shape=size)
        return
    assert_whole(backbone_of(model, image_shape=size))


def stages_of(model, size=32):
    with torch.device("meta"):
        return dict(backbone_of(model().to("meta"), image_shape=(3, size, size)).stages)


def test_a_resnet_is_its_layers():
    assert stages_of(torchvision.models.resnet18, 224) == {
        "conv1": ("conv1", "bn1"),
        **{f"layer{number}": (f"layer{number}",) for number in (1, 2, 3, 4)},
        "head": ("fc",),
    }


def test_a_sequence_is_parted_where_its_maps_shrink():
    found = stages_of(torchvision.models.densenet121, 224)
    assert list(found)[:3] == ["features.conv0", "features.denseblock1", "features.transition1"]
    assert found["features.transition3"] == ("features.transition3", "features.denseblock4", "features.norm5")


class Body(nn.Module):
    """Blocks in a list, in a module that is never called itself; a part called head; what a network may have beside."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Conv2d(3, 4, 3), nn.Conv2d(4, 6, 3, stride=4)])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.unused = nn.Linear(3, 3)
        self.classifier = nn.Linear(5, 2)
        self.head = nn.Conv2d(6, 5, 3, stride=2)
        self.body = Body()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x):
        for block in self.body.blocks:
            x = block(x).relu()
        return self.classifier(self.head(x * self.scale).mean((2, 3)))


def test_a_network_is_read_as_it_runs():
    assert stages_of(Net) == {
        "body.blocks.0": ("body.blocks.0", "unused", "scale"),
        "body.blocks.1": ("body.blocks.1",),
        "before head": ("head",),
        "head": ("classifier",),
    }


def test_a_classifier_alone_has_no_other_stage():
    assert stages_of(lambda: nn.Sequential(nn.Flatten(), nn.Linear(3072, 2))) == {"head": ("1",)}


class Sharing(nn.Module):
    """One convolution at two places."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 3, 3, padding=1)
        self.second = nn.Sequential(self.first, nn.Conv2d(3, 4, 3, stride=4), nn.ReLU())
        self.linear = nn.Linear(4, 2)

    def forward(self, x):
        return self.linear(self.second(self.first(x)).mean((2, 3)))


def test_a_shared_module_is_in_one_stage():
    assert stages_of(Sharing) == {"first": ("first",), "second": ("second",), "head": ("linear",)}
