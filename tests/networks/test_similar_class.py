"""Arguments of a class from a similar one of its file."""

from convwright.networks import NetworkName, open_network
from convwright.networks.candidates import networks_in

SOURCE = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, stage_table, heads=10):
        super().__init__()
        self.layers = nn.Sequential()
        while stage_table:  # what it is given is used up
            row = stage_table.pop(0)
            self.layers.append(nn.Conv2d(row["from"], row["to"], 3))
        self.head = nn.Linear(row["to"], heads)
    def forward(self, x):
        return self.head(self.layers(x).mean((2, 3)))

class NetFeatures(nn.Module):
    def __init__(self, stage_table):
        super().__init__()
        self.layers = nn.Sequential(*(nn.Conv2d(row["from"], row["to"], 3) for row in stage_table))
    def forward(self, x):
        return self.layers(x)

class Other(nn.Module):
    def __init__(self, stage_table):
        super().__init__()
        self.layers = nn.Sequential(*(nn.Conv2d(row["from"], row["to"], 3) for row in stage_table))
    def forward(self, x):
        return self.layers(x)

def build(kind, **settings):
    table = [{"from": 3, "to": settings.pop("width")}]
    return kind(table, **settings)

def small():
    return build(Net, width=6, heads=4)
"""


def test_a_class_gets_the_arguments_of_a_similar_one(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(SOURCE)
    found = networks_in(str(path))
    assert {"NetFeatures", "small"} <= set(found.names)
    assert list(found.failures) == ["Other"]  # the name of an argument alone says nothing
    network = open_network(NetworkName(text=f"{path}:NetFeatures"))
    assert network.module.layers[0].out_channels == 6
    assert "stage_table=[{'from': 3, 'to': 6}] as Net of small() gets it" in network.assumptions
