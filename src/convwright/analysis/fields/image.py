"""The input that is the image, and its image axes."""

from convwright.graph import Graph, Tensor


def image_input(graph: Graph) -> Tensor | None:
    """The first floating point input with an axis for every axis of the first window; None when there is none."""
    axes = _window_axes(graph)
    candidates = [tensor for tensor in graph.inputs if tensor.dtype.is_floating_point and tensor.ndim > 1]
    ndims = [axes + 2, axes + 1, axes, 4, 3, 5] if axes else [4, 3, 5]
    for ndim in dict.fromkeys(ndims):
        for tensor in candidates:
            if tensor.ndim == ndim:
                return tensor
    return None


def image_axes(graph: Graph, image: Tensor) -> tuple[int, ...]:
    """The image axes of `image`: the last ones, or the middle ones where the first op moves the channels forward."""
    window = _window_axes(graph)
    # A map whose axes were joined before its first window has all of them.
    count = min(window if window and image.ndim <= window + 2 else image.ndim - 2, image.ndim)
    channels_first = (0, image.ndim - 1, *range(1, image.ndim - 1))
    moves = (op for op in graph.ops if op.kind == "permute" and image in op.inputs)
    if any(op.args["dims"] == channels_first for op in moves):
        return tuple(range(1, count + 1))
    return tuple(range(image.ndim - count, image.ndim))


def batch_size(graph: Graph) -> int:
    """Return the number of images in the traced call; of a list of images that have no batch axis, its length."""
    first = graph.inputs[0] if graph.inputs else None
    if first is None or not first.ndim:
        return 1
    parameter, _, item = first.name.partition(".")
    if item and first.ndim == _window_axes(graph) + 1:
        return sum(each.name.startswith(f"{parameter}.") for each in graph.inputs)
    return first.shape[0]


def _window_axes(graph: Graph) -> int:
    """Count the axes that the first convolution or pool slides along; 0 when there is none."""
    for op in graph.ops:
        if ("conv" in op.kind or "pool" in op.kind) and op.kind[-2:] in ("1d", "2d", "3d"):
            return int(op.kind[-2])
    return 0
