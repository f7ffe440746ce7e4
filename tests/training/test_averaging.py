"""The running average of weights, against its definition."""

import torch

from convwright.training.averaging import WeightAverage
from reference.tiny_training import tiny_net


def test_it_follows_weights_and_buffers_by_the_definition():
    net = tiny_net()
    average = WeightAverage(net, 0.5)
    expected = {name: value.double() for name, value in net.state_dict().items()}
    for step in range(1, 9):
        net(torch.randn(4, 3, 8, 8))  # moves the running statistics
        for weight in net.parameters():
            weight.data += torch.randn_like(weight)
        average.update(net, step)
        decay = min(0.5, (1 + step) / (10 + step))
        for name, value in net.state_dict().items():
            expected[name] = decay * expected[name] + (1 - decay) * value
    found = average.model.state_dict()
    assert found["1.num_batches_tracked"] == 8
    for name, value in expected.items():
        if "num_batches" not in name:
            torch.testing.assert_close(found[name].double(), value, rtol=1e-5, atol=1e-6)


def test_it_is_a_copy_that_takes_no_gradients():
    net = tiny_net()
    average = WeightAverage(net, 0.9)
    assert not any(weight.requires_grad for weight in average.model.parameters())
    assert not average.model.training
    assert net.training
    net[0].weight.data.zero_()
    assert average.model[0].weight.abs().sum() > 0


def test_what_is_frozen_keeps_its_bits():
    net = tiny_net()
    average = WeightAverage(net, 0.9)
    for model in (net, average.model):
        model[0].weight.data.fill_(-0.0)
    net[1].num_batches_tracked += 1
    average.update(net, 1, {"0.weight", "1.num_batches_tracked"})
    assert average.model[0].weight.signbit().all()
    assert average.model[1].num_batches_tracked == 0
