"""FLOPs of discrete Fourier transforms."""

from math import log2, prod

from convwright.graph import Op

from .op_cost import CostRule, OpCost

_COMPLEX = ("fft", "ifft")
_REAL = ("rfft", "irfft", "hfft", "ihfft")


def _transform(op: Op) -> OpCost:
    """5 N log2 N FLOPs for N complex numbers, half of that where one side is real.

    Source: the convention of FFTW's benchmarks, Frigo and Johnson 2005, "The design and implementation of FFTW3",
    section V.
    """
    name = op.kind.removeprefix("fft_")
    whole = max(op.input, op.output, key=lambda tensor: tensor.numel)
    size = prod(whole.shape[axis] for axis in _axes(op, name))
    flops = 5 * whole.numel * log2(size) if size > 1 else 0
    return OpCost(0, round(flops / 2 if name.rstrip("2n") in _REAL else flops))


def _axes(op: Op, name: str) -> tuple[int, ...]:
    dim = op.args["dim"]
    if isinstance(dim, int):
        return (dim,)
    if dim is not None:
        return tuple(dim)
    return (-2, -1) if name.endswith("2") else tuple(range(op.input.ndim))


SPECTRAL_RULES: dict[str, CostRule] = {
    f"fft_{name}{axes}": _transform for name in (*_COMPLEX, *_REAL) for axes in ("", "2", "n")
} | {
    f"fft_{name}": lambda _: OpCost(0, 0) for name in ("fftshift", "ifftshift", "fftfreq", "rfftfreq")
}  # which move numbers, or make constants
