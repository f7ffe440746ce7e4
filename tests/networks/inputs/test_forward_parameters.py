"""Inputs by the names of a forward's parameters."""

import torch
from torch import nn

from convwright.networks.inputs.forward_parameters import for_all_parameters, other_guesses, usual_guesses
from convwright.networks.inputs.input_guess import InputGuess
from convwright.networks.inputs.network_input import parse_inputs, written


def network(forward):
    return type("Net", (nn.Module,), {"forward": forward})()


def usual(forward):
    return next(usual_guesses(network(forward))).inputs


def test_what_needs_a_value_gets_one():
    def forward(self, x, timesteps, labels, mask, rois, scale: float, context=None, *, noise):
        return self, x, timesteps, labels, mask, rois, scale, context, noise

    inputs = "x=1x3x224x224, timesteps=1, labels=1:int64, mask=1x16:bool, rois=1x5, noise=1x3x224x224"
    assert written(usual(forward)) == inputs


def test_the_first_is_given_though_it_is_optional():
    def forward(self, pixel_values=None, labels=None):
        return self, pixel_values, labels

    assert [each.name for each in usual(forward)] == ["pixel_values"]
    assert [each.name for each in usual(lambda *xs: xs)] == ["xs.0"]


def test_a_guess_of_one_is_completed():
    def forward(self, x, t):
        return self, x, t

    guess = for_all_parameters(InputGuess.of_shape((1, 1, 8, 8), "so"), network(forward))
    assert [each.shape for each in guess.inputs] == [(1, 1, 8, 8), (1,)]
    assert guess.reason == "so"
    assert [each.name for each in guess.inputs] == ["x", "t"]


def test_other_kinds_of_input():
    guesses = list(other_guesses(InputGuess.of_shape((1, 3, 224, 224))))
    assert {guess.inputs[0].dtype for guess in guesses} == {None, torch.int64}


def test_a_module_of_torchscript_may_have_no_forward():
    assert written(next(usual_guesses(torch.jit.ScriptModule())).inputs) == "1x3x224x224"


def test_items_of_a_list():
    def forward(self, maps):
        return [self.conv(each) for each in maps]

    net = network(forward)
    net.convs = nn.ModuleList([nn.ReLU(), nn.ReLU()])
    found = [written(guess.inputs) for guess in usual_guesses(net)]
    assert found[0] == "maps.0=1x64x64x64, maps.1=1x64x32x32"
    assert {"maps.0=1x64x64x64, maps.1=1x64x64x64", "maps.0=3x224x224"} <= {*found}
    assert found[-1] == "1x3x224x224"  # it may be one tensor all the same


def test_states_of_a_recurrent_layer_by_their_name():
    def forward(self, x, hid: tuple[torch.Tensor, torch.Tensor]):
        return self, x, hid

    assert written(usual(forward)) == "x=1x3x224x224, hid.0=1x64, hid.1=1x64"


def test_a_shape_for_each_item():
    def forward(self, images: list[torch.Tensor], t):
        return self, images, t

    def gathered(self, *xs):
        return self, xs

    guess = InputGuess(inputs=parse_inputs("3x9x9"), reason="so")
    assert written(for_all_parameters(guess, network(forward)).inputs) == "images.0=3x9x9, t=1"
    pair = InputGuess(inputs=parse_inputs("3x9x9, 1x9x9"), reason="so")
    assert written(for_all_parameters(pair, network(gathered)).inputs) == "xs.0=1x3x9x9, xs.1=1x1x9x9"
