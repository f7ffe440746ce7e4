"""What is said of networks that nobody designed is what is measured of them; `benchmarks/made_up.py` runs 500."""

from collections.abc import Callable

import pytest

from reference.made_up import made_up
from reference.made_up_checks import faults
from reference.sampling import sampled

pytestmark = pytest.mark.filterwarnings("ignore")  # of torch, on nested and empty maps


@pytest.mark.parametrize("number", sampled([str(number) for number in range(500)], 30))
def test_as_measured(number: str, torch_saved: Callable[..., int]) -> None:
    assert list(faults(*made_up(int(number)), torch_saved)) == []
