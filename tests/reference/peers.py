"""Compare a block with somebody else's of the same design."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def randomize(module: nn.Module) -> None:
    """Weights, biases and running statistics that no two channels share."""
    for name, tensor in module.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 2)
        elif tensor.is_floating_point():
            tensor.normal_(std=0.3)


def copy_weights(theirs: nn.Module, ours: nn.Module, order: Sequence[str] = ("",)) -> None:
    """Copy tensor by tensor; `order` names their parts in the order of ours, where it is not the same."""
    source, target = theirs.state_dict(), ours.state_dict()
    keys = [key for part in order for key in source if key.startswith(part)]
    assert sorted(keys) == sorted(source)
    assert [source[key].shape for key in keys] == [tensor.shape for tensor in target.values()]
    ours.load_state_dict({mine: source[key] for mine, key in zip(target, keys, strict=True)})


def assert_same_block(ours: nn.Module, theirs: nn.Module, *inputs: Tensor, order: Sequence[str] = ("",)) -> None:
    """Same output, same gradients, same statistics after a batch, in eval and in training."""
    randomize(theirs)
    copy_weights(theirs, ours, order)
    for training in (False, True):
        outputs, gradients = [], []
        for block in (ours, theirs):
            leaves = [x.clone().requires_grad_() for x in inputs]
            outputs.append(block.train(training)(*leaves))
            outputs[-1].square().mean().backward()
            gradients.append([leaf.grad for leaf in leaves])
        torch.testing.assert_close(*outputs, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-5)
    after = {key: tensor.clone() for key, tensor in ours.state_dict().items() if tensor.is_floating_point()}
    copy_weights(theirs, ours, order)
    torch.testing.assert_close(after, {key: ours.state_dict()[key] for key in after})
