"""Errors of a model under trace, in its own terms: the call, what it got and expected, what to change."""

from collections.abc import Sequence

from torch.nn import Module

from convwright.errors import ConvwrightError

from .mismatch import FailedCall, Mismatch, explain, overlooked
from .places import calling_place, raising_place
from .records import Op, Place, Tensor
from .value_read import ValueRead, value_read


class CallError(ConvwrightError):
    """A torch call whose arguments do not fit, with the call itself.

    Attributes
    ----------
    call : FailedCall or None
        The call and what came before it; None once the error has travelled between processes.
    """

    call: FailedCall | None = None


class ForwardError(ConvwrightError):
    """An exception of the model's own code, with what ran before it.

    Attributes
    ----------
    path : str
        Path of the module that raised it.
    ops : sequence of Op
        Ops recorded before it; none once the error has travelled between processes.
    is_about_code : bool
        True for what no other input changes, such as a name or an attribute of a module that is not there.
    """

    path: str = ""
    ops: Sequence[Op] = ()
    is_about_code: bool = False


class DataDependentError(ConvwrightError):
    """A call that needs the numbers in a traced tensor, with what ran before it.

    Attributes
    ----------
    ops : sequence of Op
        Ops recorded before it; none once the error has travelled between processes.
    read : ValueRead or None
        The call; None once the error has travelled between processes.
    """

    ops: Sequence[Op] = ()
    read: ValueRead | None = None


# torch's words when an op's result depends on the numbers in its input.
_DATA_DEPENDENT = (
    "cannot be called on meta tensors",
    "data-dependent",
    "data-independent",
    "with Meta tensors",
    "1D CPU int64 tensor",
)


def op_failed(call: FailedCall, error: Exception, *, computed: bool = False) -> ConvwrightError:
    """Return the error for a torch call that refused its arguments, or their numbers where it `computed`."""
    text = str(error).strip().partition("\n")[0]
    needs_numbers = isinstance(error, NotImplementedError) or any(words in text for words in _DATA_DEPENDENT)
    if needs_numbers and not computed:
        return data_dependent(call.kind, call.path, call.place, call.ops)
    mismatch = explain(call)
    if mismatch is not None:
        return _refused(call, mismatch)
    values = list(call.args.values())
    came = ", ".join(str(value.shape) for value in values if isinstance(value, Tensor))
    subject = _subject(call.path, call.kind, call.place)
    if not came and not any(isinstance(each, list | tuple) and _has_tensor(each) for each in values):
        raised = ForwardError(f"{subject} fails: {text}")  # no shape is wrong where there is none
        raised.path, raised.ops = call.path, call.ops
        return raised
    failed = CallError(f"{subject} fails: {text}", got=f"tensors of shape {came}" if came else "")
    failed.call = call
    return failed


def _has_tensor(values: Sequence[object]) -> bool:
    return any(isinstance(value, Tensor) for value in values)


def check_overlooked(call: FailedCall) -> None:
    """Raise for a call that only torch's meta kernels would accept."""
    mismatch = overlooked(call)
    if mismatch is not None:
        raise _refused(call, mismatch)


def _refused(call: FailedCall, mismatch: Mismatch) -> CallError:
    subject = _subject(call.path, call.kind, call.place)
    refused = CallError(subject, expected=mismatch.expected, got=mismatch.got, hint=mismatch.hint)
    refused.call = call
    return refused


def data_dependent(name: str, path: str, place: Place | None, ops: Sequence[Op]) -> DataDependentError:
    """Return the error for code that needs the numbers in a traced tensor."""
    read = value_read(name, path, place)
    subject = _subject(path, read.name, place)
    error = DataDependentError(
        f"{subject} depends on data: it needs the numbers in a tensor, a trace has only shapes",
        hint="let shapes, attributes or `self.training` decide what runs, or keep the choice in tensors (torch.where)",
    )
    error.ops, error.read = ops, read
    return error


def with_hint(error: ConvwrightError, hint: str) -> ConvwrightError:
    """Return an error with one more next step."""
    hint = f"{error.hint}; {hint}" if error.hint else hint
    told = type(error)(error.problem, expected=error.expected, got=error.got, hint=hint)
    vars(told).update({**vars(error), "hint": hint})
    return told


def unseen_op() -> ConvwrightError:
    """Return the error for a tensor that comes from an op the tracer was not told of."""
    return ConvwrightError(
        f"a tensor at {calling_place()} was made where a trace cannot look",
        hint="call the Python function in place of the TorchScript or C++ one that made it",
    )


def model_raised(error: Exception, path: str, ops: Sequence[Op]) -> ForwardError:
    """Return the error for an exception of the model's own code."""
    place = raising_place(error.__traceback__)
    raised = ForwardError(f"{_subject(path, 'forward', place)} raised {type(error).__name__}: {error}")
    raised.path, raised.ops = path, ops
    is_missing = isinstance(error, NameError) or (
        isinstance(error, AttributeError) and isinstance(getattr(error, "obj", None), Module)
    )
    raised.is_about_code = is_missing and not isinstance(error, UnboundLocalError)
    return raised


def _subject(path: str, what: str, place: Place | None) -> str:
    where = f" at {place}" if place else ""
    return f"`{path}` ({what}{where})" if path else f"{what}{where}"
