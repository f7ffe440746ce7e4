"""The largest batch against trying every batch."""

from hypothesis import given
from hypothesis import strategies as st

from convwright.analysis.batch_memory import BatchMemory
from convwright.analysis.timeline import Level

LEVELS = st.lists(st.builds(Level, st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=5)


@given(LEVELS, st.integers(1, 4), st.integers(0, 30), st.integers(0, 120))
def test_the_largest_batch_is_the_last_that_fits(levels: list[Level], traced: int, constant: int, budget: int) -> None:
    # One level surely grows, else every batch fits.
    step = BatchMemory(traced_batch=traced, constant_bytes=constant, levels=(*levels, Level(traced, 0)))
    tried = [batch for batch in range(1, 200) if step.peak_bytes(batch) <= budget]
    assert step.largest_batch(budget) == max(tried, default=0)
