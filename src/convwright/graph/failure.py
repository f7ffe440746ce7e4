"""Why a model failed under trace, in its own terms: which call, what came, what was expected, what to change."""

from convwright.errors import ConvwrightError

from .mismatch import Reason, explain, overlooked
from .places import calling_place, raising_place
from .records import Place, Tensor
from .scene import Scene


class CallError(ConvwrightError):
    """A torch call whose arguments do not fit, with the call itself.

    Attributes
    ----------
    scene : Scene or None
        The call and what came before it; None once the error has travelled between processes.
    """

    scene: Scene | None = None


# torch's words when an op's result depends on the numbers in its input.
_DATA_DEPENDENT = ("cannot be called on meta tensors", "data-dependent", "data-independent", "with Meta tensors")


def op_failed(scene: Scene, error: Exception) -> ConvwrightError:
    """The error for a torch call that refused its arguments."""
    text = str(error).strip().partition("\n")[0]
    if isinstance(error, NotImplementedError) or any(words in text for words in _DATA_DEPENDENT):
        return data_dependent(scene.kind, scene.path, scene.place)
    reason = explain(scene)
    if reason is not None:
        return _refused(scene, reason)
    came = ", ".join(str(value.shape) for value in scene.args.values() if isinstance(value, Tensor))
    subject = _subject(scene.path, scene.kind, scene.place)
    failed = CallError(f"{subject} fails: {text}", got=f"tensors of shape {came}" if came else "")
    failed.scene = scene
    return failed


def check_overlooked(scene: Scene) -> None:
    """Raise for a call that only torch's meta kernels would accept."""
    reason = overlooked(scene)
    if reason is not None:
        raise _refused(scene, reason)


def _refused(scene: Scene, reason: Reason) -> CallError:
    subject = _subject(scene.path, scene.kind, scene.place)
    refused = CallError(subject, expected=reason.expected, got=reason.got, hint=reason.hint)
    refused.scene = scene
    return refused


def data_dependent(name: str, path: str, place: Place | None) -> ConvwrightError:
    """The error for code that needs the numbers in a traced tensor."""
    reads = {"__bool__": "if", "__int__": "int()", "__float__": "float()", "__index__": "an index"}.get(name, name)
    return ConvwrightError(
        f"{_subject(path, reads, place)} depends on data: it needs the numbers in a tensor, a trace has only shapes",
        hint="let shapes, attributes or `self.training` decide what runs, or keep the choice in tensors (torch.where)",
    )


def unseen_op() -> ConvwrightError:
    """The error for a tensor that comes from an op the tracer was not told of."""
    return ConvwrightError(
        f"a tensor at {calling_place()} was made where a trace cannot look",
        hint="call the Python function in place of the TorchScript or C++ one that made it",
    )


def model_raised(error: Exception, path: str) -> ConvwrightError:
    """The error for an exception of the model's own code."""
    place = raising_place(error.__traceback__)
    return ConvwrightError(f"{_subject(path, 'forward', place)} raised {type(error).__name__}: {error}")


def _subject(path: str, what: str, place: Place | None) -> str:
    where = f" at {place}" if place else ""
    return f"`{path}` ({what}{where})" if path else f"{what}{where}"
