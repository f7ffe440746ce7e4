"""Prints and warnings of a user's file do not reach our output; errors do."""

import sys
import warnings

import pytest

from convwright.networks import NetworkName, open_network
from convwright.networks.guards.silence import silent


def test_prints_and_warnings_are_kept_back(capfd, recwarn):
    with silent():
        print("out")
        print("err", file=sys.stderr)
        warnings.warn("warned", stacklevel=1)
    print("after")
    assert capfd.readouterr() == ("after\n", "")
    assert not recwarn.list


def test_an_error_passes():
    with pytest.raises(ValueError, match="of the file"), silent():
        raise ValueError("of the file")


def test_a_decorator_that_warns_where_a_class_is_defined_is_not_heard(tmp_path, capfd, recwarn):
    (tmp_path / "net.py").write_text(
        "import functools\nimport warnings\nfrom torch import nn\n"
        "def old(function):\n    print('old')\n    warnings.warn('old')\n    return function\n"
        "class Net(nn.Conv2d):\n    def __init__(self):\n        super().__init__(3, 4, 3)\n"
        "    @old\n    def forward(self, x):\n        return super().forward(x)\n"
    )
    assert open_network(NetworkName(text=f"{tmp_path}/net.py:Net")).module.out_channels == 4
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list
