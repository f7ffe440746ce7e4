"""Allocations over time against an account kept moment by moment."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from convwright.analysis.timeline import Level, Timeline, frontier

MOMENTS = 6
SPANS = st.lists(
    st.tuples(st.integers(0, MOMENTS - 1), st.integers(0, MOMENTS - 1), st.integers(0, 50), st.booleans()), max_size=8
)
LEVELS = st.lists(st.builds(Level, st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=12)


@given(SPANS)
def test_levels_are_the_sum_of_what_is_allocated(spans: list[tuple[int, int, int, bool]]) -> None:
    timeline = Timeline.empty(MOMENTS)
    expected = [[0, 0] for _ in range(MOMENTS)]
    for one, other, num_bytes, varies in spans:
        first, last = sorted((one, other))
        timeline.add(first, last, num_bytes, varies=varies)
        for moment in range(first, last + 1):
            expected[moment][not varies] += num_bytes
    assert [list(level) for level in timeline.levels()] == expected


@given(LEVELS, st.integers(0, 30), st.integers(1, 5))
def test_the_frontier_holds_the_highest_level_at_any_batch(levels: list[Level], batch: int, per: int) -> None:
    def highest(some: list[Level]) -> int:
        return max(level.varying * batch + level.fixed * per for level in some)

    kept = frontier(levels)
    assert highest(list(kept)) == highest(levels)
    assert set(kept) <= set(levels)
    assert all(a.varying > b.varying and a.fixed < b.fixed for a, b in pairwise(kept))
