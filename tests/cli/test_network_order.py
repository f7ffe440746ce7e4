"""One order of a network for every verb: how it is opened, its inputs, and its options on a command line."""

import inspect

import torch

from convwright.cli._network_order import NetworkOrder, network_options, with_network_options


def test_a_zoo_model_holds_weights_only_where_it_computes():
    assert next(NetworkOrder(model="resnet20").opened().module.parameters()).device == torch.device("meta")
    assert next(NetworkOrder(model="resnet20").opened(computes=True).module.parameters()).device == torch.device("cpu")
    assert not NetworkOrder(model="resnet20").opened().module.training


def test_arguments_reach_the_factory():
    assert NetworkOrder(model="resnet20", arguments=("num_classes=7",)).opened().module.config.num_classes == 7


def test_inputs_are_as_given_or_the_models_own():
    order = NetworkOrder(model="resnet20")
    assert order.inputs_of(order.opened()) == [(1, 3, 32, 32)]
    order = NetworkOrder(model="resnet20", inputs=("3x64x48", "2x3x8x8"))
    assert order.inputs_of(order.opened()) == [(1, 3, 64, 48), (2, 3, 8, 8)]


def test_an_input_that_is_assumed_is_said(capsys):
    order = NetworkOrder(model="torch.nn:Identity", inputs=("3x8x8",))
    assert order.inputs_of(order.opened()) == [(1, 3, 8, 8)]
    assert capsys.readouterr().err == ""
    order = NetworkOrder(model="torch.nn:Identity")
    assert order.inputs_of(order.opened()) == [(1, 3, 224, 224)]
    assert capsys.readouterr().err == "assumed: input 1x3x224x224: nothing says otherwise\n"


def test_it_is_analyzed_as_it_says():
    network, found = NetworkOrder(model="resnet20", inputs=("3x16x16",)).analyzed(train=True)
    assert network.label == found.label == "resnet20"
    assert found.input_shapes == ((1, 3, 16, 16),)


def test_the_options_stand_where_a_verb_takes_a_network():
    taken = []

    @with_network_options
    def verb(model: str, network: NetworkOrder, depth: int = 1) -> None:
        taken.append((model, network, depth))

    names = [*inspect.signature(verb).parameters]
    assert names == ["model", *inspect.signature(network_options).parameters, "depth"]
    verb(model="net.py", inputs=["3x8x8"], no_values=True, memory_limit=2.0, depth=3)
    model, network, depth = taken[0]
    assert (model, network.inputs, network.values, depth) == ("net.py", ("3x8x8",), False, 3)
    assert network.limits.memory_bytes == 2_000_000_000
