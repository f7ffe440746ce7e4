"""A derived receptive field against the measured one."""

import numpy as np
from torch import nn

from convwright.analysis.receptive_field import receptive_fields
from convwright.graph import trace
from reference.field_probe import measured_fields


def assert_measured(net: nn.Module, shape: tuple[int, ...], *, bound: bool = False) -> None:
    """The clipped full field of every position of the output is the measured one, on every image axis.

    With `bound` it may be larger, and then an op is listed as unknown.
    """
    graph = trace(net.eval(), shape)
    fields = receptive_fields(graph)
    (result,) = graph.outputs.values()
    if result.producer is None:
        return
    assert bool(fields.unknown) == bound
    measured = measured_fields(net, shape)
    # Channels are not kept apart, so the hull over them is compared.
    measured = tuple((first.min(0), last.max(0)) for first, last in measured)
    shape = (1, 1, *result.shape[2:])
    derived = [
        [np.broadcast_to(bound, shape)[0, 0] for bound in bounds] for bounds in fields.clipped(result, full=True)
    ]
    empty = np.logical_or.reduce([first > last for first, last in derived])
    for (first, last), (low, high) in zip(measured, derived, strict=True):
        if bound:
            assert (low <= first).all()
            assert (high >= last).all()
            continue
        np.testing.assert_array_equal(first > last, empty)
        np.testing.assert_array_equal(first[~empty], low[~empty])
        np.testing.assert_array_equal(last[~empty], high[~empty])
