"""One name for each operation, however it is called: `x + y`, `torch.add` and `x.add_` are all `add`."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import torch.nn.functional as F

# Operators whose name is not their function's between underscores.
_DUNDERS = {
    "__truediv__": "div",
    "__floordiv__": "floor_divide",
    "__mod__": "remainder",
    "__and__": "bitwise_and",
    "__or__": "bitwise_or",
    "__xor__": "bitwise_xor",
    "__lshift__": "bitwise_left_shift",
    "__rshift__": "bitwise_right_shift",
    "__invert__": "bitwise_not",
}
_SYNONYMS = {
    "absolute": "abs",
    **{f"arc{name}": f"a{name}" for name in ("cos", "cosh", "sin", "sinh", "tan", "tan2", "tanh")},
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "not_equal": "ne",
    "fix": "trunc",
    "row_stack": "vstack",
    "clip": "clamp",
    "concat": "cat",
    "concatenate": "cat",
    "divide": "div",
    "multiply": "mul",
    "negative": "neg",
    "special_expit": "sigmoid",
    "subtract": "sub",
    "swapaxes": "transpose",
    "swapdims": "transpose",
    "true_divide": "div",
    "H": "mH",
    "T": "t",
    "data": "detach",
    "cpu": "to",
    "cuda": "to",
}
# Python's reflected operators: `2 - x` calls `__rsub__(x, 2)`.
_REFLECTED = {"__radd__": "add", "__rsub__": "sub", "__rmul__": "mul", "__rdiv__": "div", "__rtruediv__": "div"} | {
    "__rpow__": "pow",
    "__rmatmul__": "matmul",
    "__rfloordiv__": "floor_divide",
    "__rmod__": "remainder",
    "rsub": "sub",
}
_ARITHMETIC = ("__add__", "__sub__", "__mul__", "__pow__", "__matmul__", "__div__")


class Kind(NamedTuple):
    """Canonical name of a torch function.

    `raw` is torch's own name, `inplace` says that the first argument is written over, and `reflected` that the
    first two arguments come in reverse.
    """

    name: str
    raw: str
    inplace: bool = False
    reflected: bool = False


def kind_of(function: Callable[..., Any]) -> Kind:
    """Return the kind of a function, method, operator or attribute of a tensor, as a torch function mode receives it.

    >>> import torch
    >>> kind_of(torch.Tensor.add_)
    Kind(name='add', raw='add_', inplace=True, reflected=False)
    >>> kind_of(F.max_pool2d).name, kind_of(torch.Tensor.__rsub__).name
    ('max_pool2d', 'sub')
    """
    raw = _raw_name(function)
    if raw in _REFLECTED:
        return Kind(_REFLECTED[raw], raw, reflected=True)
    if raw in _DUNDERS:
        return Kind(_DUNDERS[raw], raw)
    name, inplace = raw, raw == "__setitem__" or raw.endswith(".__set__")
    if raw.startswith("__i") and f"__{raw[3:]}" in (*_DUNDERS, *_ARITHMETIC):
        name, inplace = _DUNDERS.get(f"__{raw[3:]}", raw[3:-2]), True
    elif raw.startswith("__"):
        name = raw.strip("_")
    elif raw.endswith("_"):
        name, inplace = raw[:-1], True
    name = name.removesuffix("_with_indices").lstrip("_")
    return Kind(_SYNONYMS.get(name, name), raw, inplace)


def _raw_name(function: Callable[..., Any]) -> str:
    name: str = getattr(function, "__name__", type(function).__name__)
    owner = getattr(function, "__self__", None)
    if name == "__get__" and owner is not None:
        return str(owner.__name__)
    if name == "__set__" and owner is not None:
        return f"{owner.__name__}.__set__"
    schema = getattr(function, "_schema", None) or getattr(function, "_qualified_op_name", None)
    if schema is not None:
        space, _, own = str(getattr(schema, "name", schema)).rpartition("::")
        # Their weights are packed, and other arguments follow; what has none is as without quantization.
        return f"quantized_{own}" if space == "quantized" and own.startswith(("conv", "linear")) else own
    return _functional_names().get(function, name)


@cache
def _functional_names() -> dict[Any, str]:
    # F.max_pool2d and its like are anonymous closures that choose by `return_indices`; the namespace knows them.
    return {value: name for name, value in vars(F).items() if callable(value) and not name.startswith("_")}
