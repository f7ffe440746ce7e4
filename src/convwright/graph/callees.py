"""Treatment of each torch function by the tracer: an op, a question, a read of data, a new tensor, a body to enter."""

from collections.abc import Callable
from enum import Enum
from functools import cache
from types import FunctionType
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from .kinds import Kind, kind_of
from .shape_rules import RULES, Rule
from .signatures import Signature, signature_of


class Treatment(Enum):
    """Treatment of a call by the tracer."""

    OP = "recorded"
    ASK = "answered from the tensor itself"
    DEVICE = "answered with the model's device"
    READ = "needs numbers, which a trace does not have"
    MAKE = "makes a constant"
    ASSIGN = "rebinds `tensor.data`"
    MARK = "concerns gradients, which a trace does not have"
    ENTER = "its own calls are recorded instead"


class Callee(NamedTuple):
    """A torch function, resolved once."""

    function: Callable[..., Any]
    kind: Kind
    treatment: Treatment
    signature: Signature
    rule: Rule | None


_ASK = """
shape dtype ndim size dim ndimension numel nelement stride storage_offset layout requires_grad is_leaf grad_fn grad
is_floating_point is_complex is_signed is_contiguous is_sparse is_quantized is_nested element_size itemsize nbytes names
type_as_dtype is_inference is_conj is_neg is_same_size has_names retains_grad output_nr _version _base _is_view
is_shared is_pinned is_tensor is_storage result_type can_cast promote_types broadcast_shapes len repr _is_zerotensor
is_mkldnn is_sparse_csr is_coalesced dense_dim name data_ptr untyped_storage storage is_distributed hash
_has_compatible_shallow_copy_type dim_order deepcopy reduce_ex storage_type get_default_dtype
"""
_DEVICE = "device is_cuda is_cpu is_meta is_xpu is_mps get_device"
_READ = """
item tolist numpy __bool__ __int__ __float__ __index__ __complex__ __array__ __contains__ is_nonzero equal allclose
nonzero argwhere unique unique_consecutive masked_select _unique2 bincount histc __format__
"""
_MAKE = """
empty zeros ones full rand randn randint randperm arange linspace logspace eye tensor as_tensor asarray empty_strided
scalar_tensor tril_indices triu_indices hann_window hamming_window blackman_window bartlett_window kaiser_window
empty_like zeros_like ones_like full_like rand_like randn_like randint_like new_empty new_zeros new_ones new_full
new_tensor new_empty_strided range sparse_coo_tensor
"""
_MARK = "requires_grad_ requires_grad.__set__ grad.__set__ retain_grad register_hook"
_TREATMENTS = {
    **dict.fromkeys(_ASK.split(), Treatment.ASK),
    **dict.fromkeys(_DEVICE.split(), Treatment.DEVICE),
    **dict.fromkeys(_READ.split(), Treatment.READ),
    **dict.fromkeys(_MAKE.split(), Treatment.MAKE),
    **dict.fromkeys(_MARK.split(), Treatment.MARK),
    "data.__set__": Treatment.ASSIGN,
    "multi_head_attention_forward": Treatment.ENTER,
}


@cache
def callee_of(function: Callable[..., Any]) -> Callee:
    """Resolve a torch function, once."""
    kind = kind_of(function)
    treatment = _TREATMENTS.get(kind.raw) or _TREATMENTS.get(kind.raw.strip("_"), Treatment.OP)
    if treatment is Treatment.ENTER:
        function = _without_override(function)
    if kind.name == "to":
        function = _to if kind.raw == "to" else _stay
    return Callee(function, kind, treatment, signature_of(function, kind), RULES.get(kind.name))


def _stay(tensor: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
    """`cpu()` and `cuda()`: a trace has one device."""
    del args, kwargs
    return tensor


def _to(tensor: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
    """`to("cuda")`: only the dtype and memory format count."""
    places: list[Any] = [tensor.device if isinstance(arg, str) else arg for arg in args]
    return tensor.to(*places, **kwargs)


def _without_override(function: Callable[..., Any]) -> Callable[..., Any]:
    """The body of a function of `torch.nn.functional` without its first lines, which would call the tracer again."""
    if not isinstance(function, FunctionType):
        raise TypeError(f"{function} has no Python body to enter")
    blind = {name: lambda *_: False for name in vars(F) if name.startswith("has_torch_function")}
    copy = FunctionType(function.__code__, {**function.__globals__, **blind}, function.__name__, function.__defaults__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy
