"""Where a name says its network is from."""

import pytest

from convwright.networks import NetworkName


@pytest.mark.parametrize(
    ("text", "source", "factory", "is_from_zoo", "is_users"),
    [
        ("resnet50", "", "resnet50", True, False),
        ("torchvision:resnet18", "torchvision", "resnet18", False, False),
        ("timm:resnet18.a1_in1k", "timm", "resnet18.a1_in1k", False, False),
        ("nets/net.py:Net", "nets/net.py", "Net", False, True),
        ("package.module:make", "package.module", "make", False, True),
        ("nets/net.py", "nets/net.py", "", False, True),
        ("C:/nets/net.ipynb", "C:/nets/net.ipynb", "", False, True),
        ("C:/nets/net.py:Net", "C:/nets/net.py", "Net", False, True),
    ],
)
def test_where_it_is_from(text, source, factory, is_from_zoo, is_users):
    name = NetworkName(text=text)
    assert (name.source, name.factory, name.is_from_zoo, name.is_users) == (source, factory, is_from_zoo, is_users)


def test_it_can_be_written():
    name = NetworkName(text="resnet20", arguments={"width": 0.5}, weights="a.pth")
    written = {"model": "resnet20", "arguments": {"width": 0.5}, "weights": "a.pth", "run_all": False}
    assert name.to_dict() == written
