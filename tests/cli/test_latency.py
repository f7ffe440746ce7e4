"""Options of latency: what they order, and what is said where none is measured."""

import pytest

from convwright.cli._latency import Precision, latency_order
from convwright.errors import ConvwrightError

NOTHING = {"is_measured": False, "by_module": False, "compiled": False}
NONE_GIVEN = {"batches": None, "threads": None, "precisions": None}


def test_by_default_nothing_is_measured_and_with_latency_all_of_it():
    assert not latency_order(**NOTHING, **NONE_GIVEN).computes
    order = latency_order(**NOTHING | {"is_measured": True}, **NONE_GIVEN)
    assert (order.by_module, order.batches, order.precisions, order.threads) == (True, (1, 16), ("fp32", "bf16"), None)


def test_a_column_needs_the_modules_alone():
    order = latency_order(**NOTHING | {"by_module": True}, batches=[4], threads=2, precisions=[Precision.bf16])
    assert (order.is_measured, order.computes, order.batches, order.precisions) == (False, True, (4,), ("bf16",))


@pytest.mark.parametrize(
    "given",
    [{"batches": [2]}, {"threads": 1}, {"precisions": [Precision.fp32]}, {"compiled": True}],
    ids=lambda each: next(iter(each)),
)
def test_an_option_without_anything_measured_is_an_error(given):
    with pytest.raises(ConvwrightError, match="expected --latency"):
        latency_order(**NOTHING | NONE_GIVEN | given)
