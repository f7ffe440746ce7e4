"""Window arithmetic on plain integers: output sizes, padding, and the receptive field of a list of layers.

Nothing here needs torch. Sizes, strides and fields are pixels along one axis; use each function once an axis.
Source: Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning"; Araujo et al. 2019,
"Computing receptive fields of convolutional neural networks", section 2.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .errors import ConvwrightError, require_at_least


@dataclass(frozen=True)
class Window:
    """A convolution or pooling window along one axis.

    Examples
    --------
    >>> Window(7, stride=2, padding=3).output_size(224)
    112
    """

    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    ceil_mode: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        _require_window(self.kernel_size, self.stride, self.padding, self.dilation, name=self.name)

    def output_size(self, size: int) -> int:
        """The size after this window; see `output_size`."""
        return output_size(size, self.kernel_size, self.stride, self.padding, self.dilation, ceil_mode=self.ceil_mode)


@dataclass(frozen=True, kw_only=True)
class Field:
    """Receptive field of one position of the last map.

    Attributes
    ----------
    receptive_field_px : int
        Input pixels under one output position, counted as if the image had no border.
    jump_px : int
        Input pixels between two neighbouring output positions (the effective stride).
    center_px : float
        Input coordinate at the middle of the first output position's field; pixel 0 has its center at 0.
    """

    receptive_field_px: int
    jump_px: int
    center_px: float


def effective_kernel(kernel_size: int, dilation: int = 1) -> int:
    """Pixels from the first tap to the last: dilation * (kernel_size - 1) + 1.

    >>> effective_kernel(3, dilation=2)
    5
    """
    return dilation * (kernel_size - 1) + 1


def output_size(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
) -> int:
    """Positions of a window on an axis of `size` pixels: floor((size + 2p - effective kernel) / s) + 1.

    With `ceil_mode` the division rounds up, unless the last window would start in the right padding
    (torch's rule); so one window may reach beyond a map that is smaller than it by less than a stride.

    Raises
    ------
    ConvwrightError
        When the window is larger than the padded axis, or is no window at all (a stride of 0).

    Examples
    --------
    >>> output_size(224, 7, 2, 3), output_size(7, 2, 2), output_size(7, 2, 2, ceil_mode=True)
    (112, 3, 4)
    """
    _require_window(kernel_size, stride, padding, dilation)
    taps = effective_kernel(kernel_size, dilation)
    room = size + 2 * padding - taps
    steps = -(-room // stride) if ceil_mode else room // stride
    if steps < 0 or size < 1:
        least = taps - 2 * padding - (stride - 1 if ceil_mode else 0)
        raise ConvwrightError(
            "the window is larger than its map",
            expected=f"at least {max(least, 1)} px under a window of {taps} px with padding {padding}",
            got=f"{size} px",
            hint="pad more, use a smaller kernel, or downsample less before it",
        )
    if ceil_mode and steps * stride >= size + padding:
        steps -= 1
    return steps + 1


def same_padding(kernel_size: int, dilation: int = 1) -> int:
    """Padding on each side that keeps the size at stride 1, and halves it (rounded up) at stride 2.

    Raises
    ------
    ConvwrightError
        When the effective kernel is even, so that no equal padding on both sides does it.

    Examples
    --------
    >>> same_padding(3), same_padding(5), same_padding(3, dilation=2)
    (1, 2, 2)
    """
    taps = effective_kernel(kernel_size, dilation)
    if taps % 2 == 0:
        raise ConvwrightError(
            f"kernel_size={kernel_size} with dilation={dilation}",
            expected="an odd effective kernel",
            got=str(taps),
            hint="an even window shifts the map by half a pixel; use an odd kernel_size",
        )
    return taps // 2


def tensorflow_same_padding(size: int, kernel_size: int, stride: int = 1, dilation: int = 1) -> tuple[int, int]:
    """Padding (before, after) of TensorFlow's SAME rule: ceil(size / stride) out, the odd pixel after.

    >>> tensorflow_same_padding(224, 3, stride=2)
    (0, 1)
    """
    positions = -(-size // stride)
    total = max((positions - 1) * stride + effective_kernel(kernel_size, dilation) - size, 0)
    return total // 2, total - total // 2


def sizes(size: int, windows: Iterable[Window]) -> list[int]:
    """The size before the first window and after each one.

    Raises
    ------
    ConvwrightError
        Naming the layer that made the map vanish.

    Examples
    --------
    >>> sizes(32, [Window(3, 1, 1), Window(2, 2)] * 3)
    [32, 32, 16, 16, 8, 8, 4]
    """
    trace = [size]
    for number, window in enumerate(windows, start=1):
        try:
            trace.append(window.output_size(trace[-1]))
        except ConvwrightError as error:
            layer = f"layer {number}" + (f" ({window.name})" if window.name else "")
            raise ConvwrightError(
                f"{layer}: {error.problem}", expected=error.expected, got=error.got, hint=error.hint
            ) from None
    return trace


def receptive_field(windows: Sequence[Window]) -> Field:
    """Size, jump and first center of the field of a list of layers.

    Examples
    --------
    Two 3x3 convolutions see as much as one 5x5:

    >>> receptive_field([Window(3, 1, 1)] * 2)
    Field(receptive_field_px=5, jump_px=1, center_px=0.0)
    """
    field, jump, start = 1, 1, 0.0
    for window in windows:
        taps = effective_kernel(window.kernel_size, window.dilation)
        start += ((taps - 1) / 2 - window.padding) * jump
        field += (taps - 1) * jump
        jump *= window.stride
    return Field(receptive_field_px=field, jump_px=jump, center_px=start)


def _require_window(kernel_size: int, stride: int, padding: int, dilation: int, *, name: str = "") -> None:
    rows = (("kernel_size", kernel_size, 1), ("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1))
    for what, value, minimum in rows:
        require_at_least(f"{name} {what}".strip(), value, minimum)
