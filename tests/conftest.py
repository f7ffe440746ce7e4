"""One thread, one seed, and examples of hypothesis that are the same on every machine; Ctrl-C as in a terminal."""

import signal

import pytest
import torch
from hypothesis import settings

from convwright.child_process import SERVER

torch.set_num_threads(1)
settings.register_profile("house", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("house")
SERVER.serve("convwright.cli._preloaded")  # once for all looks at files
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # what shells tell their background jobs
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _same_numbers_every_time():
    torch.manual_seed(0)


@pytest.fixture
def regnets_on_meta(monkeypatch):
    """Let torchvision's regnets work out their widths, which they do in tensors whose numbers they read, on the CPU."""
    import torchvision

    widths = torchvision.models.regnet.BlockParams.from_init_params

    def on_cpu(*args, **kwargs):
        with torch.device("cpu"):
            return widths(*args, **kwargs)

    monkeypatch.setattr(torchvision.models.regnet.BlockParams, "from_init_params", on_cpu)
