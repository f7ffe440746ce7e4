"""What is known of a network that was opened."""

from torch import nn

from convwright.networks import Network


def test_it_can_be_written():
    network = Network(module=nn.Identity(), label="net", assumed=("its width",))
    assert network.to_dict() == {
        "label": "net",
        "inputs": [{"name": "input", "shape": [1, 3, 224, 224], "dtype": None}],
        "assumptions": ["its width", "input 1x3x224x224: nothing says otherwise"],
        "left_out": [],
    }
