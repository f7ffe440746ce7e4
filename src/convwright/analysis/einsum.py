"""Cost of an einsum, contracted from left to right as torch does."""

from collections.abc import Mapping, Sequence
from math import prod

from convwright.graph import Tensor

from .op_cost import OpCost


def contraction_cost(equation: str, operands: Sequence[Tensor]) -> OpCost:
    """MACs and FLOPs of `torch.einsum(equation, *operands)`.

    Two operands at a time are multiplied over all their axes: one MAC for each combination of positions. An axis
    that only one of them has and that is not kept is summed before, which is FLOPs only.

    Source: `torch.einsum`, which contracts from left to right unless the opt_einsum package is installed.

    Examples
    --------
    >>> from torch import float32
    >>> left = Tensor(id=1, shape=(2, 3), stride=(3, 1), dtype=float32, storage=1)
    >>> right = Tensor(id=2, shape=(3, 5), stride=(5, 1), dtype=float32, storage=2)
    >>> contraction_cost("ij,jk->ik", [left, right])
    OpCost(macs=30, flops=60)
    """
    terms, kept = _axes(equation, operands)
    sizes: dict[str, int] = {}
    for term, operand in zip(terms, operands, strict=True):
        for axis, size in zip(term, operand.shape, strict=True):
            # A size of 1 stretches to that of the other operand.
            sizes[axis] = max(size, sizes.get(axis, 1))
    macs = sums = 0
    result = set(terms[0])
    for number, term in enumerate(terms[1:], start=1):
        later = set(kept).union(*terms[number + 1 :])
        other = set(term)
        result, added = _sum_lonely(result, other | later, sizes)
        sums += added
        other, added = _sum_lonely(other, result | later, sizes)
        sums += added
        macs += _positions(result | other, sizes)
        result = (result | other) & later
    _, added = _sum_lonely(result, set(kept), sizes)
    return OpCost(macs, 2 * macs + sums + added)


def _sum_lonely(axes: set[str], wanted: set[str], sizes: Mapping[str, int]) -> tuple[set[str], int]:
    left = axes & wanted
    return left, 0 if left == axes else _positions(axes, sizes)


def _positions(axes: set[str], sizes: Mapping[str, int]) -> int:
    return prod(sizes[axis] for axis in axes)


def _axes(equation: str, operands: Sequence[Tensor]) -> tuple[list[list[str]], list[str]]:
    """The axis names of each operand and of the result; those an ellipsis stands for are numbers from the last."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = [_spelled(term, operand.ndim) for term, operand in zip(left.split(","), operands, strict=True)]
    hidden = max(([axis for axis in term if axis.isdigit()] for term in terms), key=len)
    if arrow:
        before, dots, after = right.partition("...")
        return terms, [*before, *(hidden if dots else []), *after]
    letters = left.replace(",", "").replace("...", "")
    return terms, [*hidden, *sorted(letter for letter in set(letters) if letters.count(letter) == 1)]


def _spelled(term: str, ndim: int) -> list[str]:
    before, dots, after = term.partition("...")
    num_hidden = ndim - len(before) - len(after) if dots else 0
    return [*before, *(str(number) for number in range(num_hidden, 0, -1)), *after]
