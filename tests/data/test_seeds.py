"""One seed, many uses."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from convwright.data.seeds import derived_seed, generator


@given(st.integers(), st.integers(0, 1000), st.integers(0, 1000))
def test_each_use_has_its_own_seed_and_torch_takes_it(seed, epoch, step):
    made = derived_seed(seed, "augment", epoch, step)
    assert 0 <= made < 2**63
    assert made != derived_seed(seed, "order", epoch, step)
    assert (epoch == step) == (derived_seed(seed, epoch, step) == derived_seed(seed, step, epoch))


def test_seeds_are_the_same_on_every_machine():
    # The first 63 bits of SHA-256 of "0/order/1", by sha256sum.
    assert derived_seed(0, "order", 1) == 4489457307835839548
    assert torch.equal(torch.randperm(9, generator=generator(3, "a")), torch.randperm(9, generator=generator(3, "a")))
