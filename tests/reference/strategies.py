"""Random windows and maps for hypothesis."""

import numpy as np
from hypothesis import strategies as st

from reference.pooling import Pool

Axes = tuple[int, int]


def axes(smallest: int, largest: int) -> st.SearchStrategy[Axes]:
    return st.tuples(st.integers(smallest, largest), st.integers(smallest, largest))


@st.composite
def pools(draw: st.DrawFn, *, dilated: bool = False) -> Pool:
    """A window with padding of at most half of it, as torch asks for."""
    kernel = draw(axes(1, 4))
    return Pool(
        kernel_size=kernel,
        stride=draw(axes(1, 4)),
        padding=(draw(st.integers(0, kernel[0] // 2)), draw(st.integers(0, kernel[1] // 2))),
        dilation=draw(axes(1, 2)) if dilated else (1, 1),
        ceil_mode=draw(st.booleans()),
    )


@st.composite
def maps(draw: st.DrawFn, window: Pool | None = None, *, signed: bool = True) -> np.ndarray:
    """(N, C, H, W) of distinct doubles, at least as large as `window`."""
    sizes = []
    for axis in (0, 1):
        least = 1
        while window is not None and not window.starts(axis, least):
            least += 1
        sizes.append(draw(st.integers(least, least + 7)))
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 3)), *sizes)
    x = np.random.default_rng(draw(st.integers(0, 2**16))).standard_normal(shape)
    return x if signed else np.abs(x)


@st.composite
def pooled_maps(draw: st.DrawFn, *, dilated: bool = False, signed: bool = True) -> tuple[Pool, np.ndarray]:
    window = draw(pools(dilated=dilated))
    return window, draw(maps(window, signed=signed))


def torch_arguments(window: Pool) -> dict[str, object]:
    """`window` as the keywords of a pooling layer, an int where both axes agree."""
    values = {"kernel_size": window.kernel_size, "stride": window.stride, "padding": window.padding}
    return {key: pair[0] if pair[0] == pair[1] else pair for key, pair in values.items()} | {
        "ceil_mode": window.ceil_mode
    }
