"""Memory that backward formulas allocate for a moment, besides the gradients that they read and make.

Source: `derivatives.yaml` and `FunctionsManual.cpp` of PyTorch 2.14, each held to live tensors by its test.
"""

from collections.abc import Callable, Collection

from convwright.graph import Op, Tensor

from .attention import keeps_scores, softmax_scratch_bytes
from .saved_tensors import TensorIds

_SPLITS = frozenset({"chunk", "split", "split_with_sizes", "tensor_split"})


def scratch_bytes(op: Op, needs: TensorIds, arrived: Collection[int]) -> int:
    """Return the bytes that differentiating `op` takes besides gradients.

    Parameters
    ----------
    needs, arrived : set of int
        Ids of the tensors that a gradient flows to, and of those whose gradient has arrived.
    """
    if op.kind in _SPLITS:
        # Zeros for each part that nobody reads.
        return sum(tensor.nbytes for tensor in op.outputs if tensor.id not in arrived)
    if op.kind == "mul":
        return _sum_of_product(op, needs)
    if keeps_scores(op, needs):
        return softmax_scratch_bytes(op, needs)
    if op.kind == "div":
        other = op.args["other"]
        # Of a divisor the quotient, and the quotient divided once more.
        quotients = 2 * op.output.nbytes if isinstance(other, Tensor) and other.id in needs else 0
        return quotients + _sum_of_product(op, needs)
    rule = _RULES.get(op.kind)
    return rule(op) if rule and op.input.id in needs else 0


def _sum_of_product(op: Op, needs: TensorIds) -> int:
    """Return the bytes of a product as large as the result, which is summed where a factor was broadcast."""
    return op.output.nbytes if any(_is_broadcast(tensor, op) and tensor.id in needs for tensor in op.inputs) else 0


def _is_broadcast(tensor: Tensor, op: Op) -> bool:
    return tensor.numel < op.output.numel


def _masks(op: Op) -> int:
    """Return the bytes of a mask for each bound."""
    bounds = [op.args.get("min"), op.args.get("max")]
    return op.input.numel * sum(bound is not None for bound in bounds)


def _of_input(times: int) -> Callable[[Op], int]:
    return lambda op: times * op.input.nbytes


_RULES: dict[str, Callable[[Op], int]] = {
    "clamp": _masks,
    "clamp_min": lambda op: op.input.numel,
    "clamp_max": lambda op: op.input.numel,
    "abs": _of_input(1),  # the sign
    "sqrt": _of_input(1),  # twice the result
    "pow": lambda op: 0 if op.args["exponent"] == 1 else 2 * op.input.nbytes,  # the power below, and its multiple
    "square": _of_input(2),
    "std": _of_input(1),  # the input less its mean
    "logsumexp": _of_input(2),  # the input less the result, and its exponential
    "prelu": lambda op: op.output.nbytes,  # the gradient of the weight before it is summed
    "getitem": lambda op: op.input.nbytes if any(not each.dtype.is_floating_point for each in op.inputs[1:]) else 0,
    "normalize": _of_input(3),  # that of a divisor, and the product that is summed
    # Half of the gradient for each of two, and where they are equal and less.
    "maximum": lambda op: 2 * op.input.nbytes + 2 * op.input.numel,
    "minimum": lambda op: 2 * op.input.nbytes + 2 * op.input.numel,
    "amax": lambda op: op.input.numel,
    "amin": lambda op: op.input.numel,
}
