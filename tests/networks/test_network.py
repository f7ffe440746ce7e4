"""What is known of a network that was opened."""

from torch import nn

from convwright.networks import Network


def test_it_can_be_written():
    network = Network(module=nn.Identity(), label="net", assumptions=("an input",))
    assert network.to_dict() == {
        "label": "net",
        "default_input": [1, 3, 224, 224],
        "assumptions": ["an input"],
        "left_out": [],
    }
