"""Call a function in a process of its own, within limits: a user's file cannot harm the process that looks at it."""

from .call import SERVER, ChildCall, call, calls, end_all
from .child import EndedCallError
from .limits import DEFAULT_SECONDS, Limits, memory_error
from .progress import Step, announce, heard_by

__all__ = [
    "DEFAULT_SECONDS",
    "SERVER",
    "ChildCall",
    "EndedCallError",
    "Limits",
    "Step",
    "announce",
    "call",
    "calls",
    "end_all",
    "heard_by",
    "memory_error",
]
