"""One thread, one seed, and examples of hypothesis that are the same on every machine."""

import pytest
import torch
from hypothesis import settings

torch.set_num_threads(1)
settings.register_profile("house", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def _same_numbers_every_time():
    torch.manual_seed(0)
