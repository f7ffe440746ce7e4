import pytest
import torch
from torch import nn
from torchvision.models import densenet

from convwright.errors import ConvwrightError
from convwright.layers import ConvStyle, DenseBlock, DenseLayer, Transition, downsample_names
from reference.peers import assert_same_block, copy_weights, randomize


@pytest.mark.parametrize("memory_efficient", [False, True])
def test_block_is_torchvisions(memory_efficient):
    theirs = densenet._DenseBlock(num_layers=3, num_input_features=8, bn_size=4, growth_rate=5, drop_rate=0.0)
    assert_same_block(DenseBlock(8, 5, 3, memory_efficient=memory_efficient), theirs, torch.randn(2, 8, 6, 7))


def test_transition_is_torchvisions():
    assert_same_block(Transition(8, 4), densenet._Transition(8, 4), torch.randn(2, 8, 6, 7))


def trained_step(block, x):
    """Output, gradients of input and weights, and running statistics after one step in training."""
    x = x.clone().requires_grad_()
    y = block.train()(x)
    y.square().mean().backward()
    statistics = {name: buffer.clone() for name, buffer in block.named_buffers()}
    return y.detach(), x.grad, {name: p.grad for name, p in block.named_parameters()}, statistics


def test_memory_efficient_is_the_same_training_step():
    plain, efficient = DenseBlock(8, 4, 3), DenseBlock(8, 4, 3, memory_efficient=True)
    randomize(plain)
    copy_weights(plain, efficient)
    x = torch.randn(3, 8, 6, 7)
    torch.testing.assert_close(trained_step(efficient, x), trained_step(plain, x))
    assert efficient.layers[0].conv1.norm.num_batches_tracked == 1


def test_memory_efficient_keeps_fewer_maps():
    """What autograd keeps from forward to backward is the point of it; counted, each storage once."""

    def saved_bytes(block):
        storages = {}

        def keep(tensor):
            storages[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
            return tensor

        x = torch.randn(2, 64, 16, 16, requires_grad=True)
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            y = block(x)
        assert y.requires_grad
        return sum(storages.values())

    plain, efficient = DenseBlock(64, 8, 8), DenseBlock(64, 8, 8, memory_efficient=True)
    assert saved_bytes(efficient) < 0.5 * saved_bytes(plain)


def test_memory_efficient_allows_several_backward_passes():
    layer = DenseLayer(4, 2, memory_efficient=True)
    x = torch.randn(2, 4, 5, 5, requires_grad=True)
    y = layer(x)
    first, second = (torch.autograd.grad(y.sum(), x, retain_graph=True)[0] for _ in range(2))
    assert torch.equal(first, second)
    assert layer.conv1.norm.num_batches_tracked == 1


def test_statistics_count_again_after_a_failed_recomputation():
    layer = DenseLayer(4, 2, memory_efficient=True)

    def fail(*_):
        raise RuntimeError("stop")

    y = layer(torch.randn(2, 4, 5, 5, requires_grad=True))
    layer.conv1.conv.register_forward_pre_hook(fail)
    with pytest.raises(RuntimeError, match=r"^stop$"):
        y.sum().backward()
    assert layer.conv1.norm.momentum == 0.1
    assert layer.conv1.norm.num_batches_tracked == 1


def test_average_transition_may_pool_on_either_side():
    """A 1x1 convolution and an average are both linear, and one mixes channels where the other mixes pixels."""
    transition = Transition(8, 4).eval()
    assert [name for name, _ in transition.named_children()] == ["norm", "act", "conv", "pool"]
    before = nn.Sequential(transition.norm, transition.act, transition.pool, transition.conv)
    x = torch.randn(2, 8, 6, 7)
    torch.testing.assert_close(transition(x), before(x))


@pytest.mark.parametrize("downsample", downsample_names())
@pytest.mark.parametrize("size", [6, 7])
def test_every_transition_halves(downsample, size):
    y = Transition(8, 4, downsample).eval()(torch.randn(1, 8, size, size))
    rounded = (size + 1) // 2 if downsample in ("strided", "blur") else size // 2
    assert y.shape == (1, 4, rounded, rounded)


def test_other_pools_see_activated_values():
    assert [name for name, _ in Transition(8, 4, "stochastic").named_children()] == ["norm", "act", "pool", "conv"]
    strided = Transition(8, 4, "strided")
    assert [name for name, _ in strided.named_children()] == ["norm", "act", "conv"]
    assert (strided.conv.kernel_size, strided.conv.stride) == ((3, 3), (2, 2))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DenseBlock(8, 4, 0), "^depth of a dense block: expected at least 1, got 0$"),
        (lambda: DenseBlock(8, 0, 2), "^out_channels: expected at least 1, got 0$"),
        (lambda: Transition(8, 4, "avrage"), r"^unknown downsample 'avrage': .*did you mean average\?"),
        (lambda: Transition(8, 0), "^out_channels: expected at least 1, got 0$"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ConvwrightError, match=message):
        make()


def test_a_map_too_small_to_halve_is_named():
    with pytest.raises(ConvwrightError, match=r"^the window is larger than its map: expected at least 2 px .*got 1 px"):
        Transition(8, 4, style=ConvStyle(norm="none"))(torch.zeros(1, 8, 1, 1))
