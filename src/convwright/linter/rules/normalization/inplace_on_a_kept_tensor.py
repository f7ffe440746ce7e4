"""CW311."""

import linecache
import re
from collections.abc import Iterator

from torch import nn

from ....graph import Op, Place
from ...edits import SetArguments
from ...finding import Finding, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...patterns import ACTIVATIONS
from ...rule import Example, OpRule

_CALL = re.compile(r"\s*(\w+)\s*=\s*[\w.]+\(\s*(\w+)\s*[,)]")
_MAX_LINES = 40  # that an alias may be above the call


class InplaceOnAKeptTensor(OpRule):
    """An in-place activation writes over a tensor that is read again as if it were still the old one.

    Why: a residual block whose first op is an in-place ReLU adds the rectified input, not the input. Nothing raises an
    error, the network is merely another one. With a sequence as the branch this cannot be seen in `forward`.

    Source: documentation of `torch.nn.ReLU` (`inplace`: the input itself is modified).
    """

    code, severity, kinds = "CW311", Severity.ERROR, ACTIVATIONS
    bad = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8))
                self.branch = nn.Sequential(
                    nn.ReLU(inplace=True), nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
                )

            def forward(self, x):
                x = self.stem(x)
                return x + self.branch(x)
        """
    )
    good = bad.with_changes({"nn.ReLU(inplace=True)": "nn.ReLU()"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """One that writes over the input of the sequence it is in, or over what `forward` has by another name."""
        if not op.is_inplace or len(net.readers(op)) < 2:
            return
        before = net.producer(op.input)
        if before is not None and before.kind == op.kind == "relu":
            return  # nothing is left to change
        reader = _outside_reader(op, net) or _reader_by_old_name(op, net)
        if reader is None:
            return
        where = f" ({reader.place.line_words})" if reader.place else ""
        yield self.finding(
            op,
            f"writes over a tensor that the {reader.kind} after it{where} takes for what it was before",
            fix=training_fix("set inplace=False", SetArguments(path=op.path, values={"inplace": False}))
            if net.layer(op) is not None
            else suggestion("call it without inplace=True"),
        )


def _outside_reader(op: Op, net: LintedNetwork) -> Op | None:
    """Return who reads the input of the sequence that starts with `op`, which goes on to something else."""
    path = op.path.rpartition(".")[0]
    if not path or not issubclass(net.graph.modules[path].module_class, nn.Sequential):
        return None
    before = net.graph.producer(op.input)
    if before is not None and _is_in(before, path):
        return None
    inside: list[Op] = []
    outside: list[Op] = []
    for reader in net.readers(op):
        (inside if _is_in(reader, path) else outside).append(reader)
    # Another branch that starts with the same activation loses nothing.
    return next((reader for reader in outside if reader.kind != op.kind), None) if inside else None


def _is_in(op: Op, path: str) -> bool:
    return op.path.startswith(f"{path}.")


def _reader_by_old_name(op: Op, net: LintedNetwork) -> Op | None:
    """Return the sum in the same `forward` that reads it by a name that it had before the activation."""
    nested = _call_within_a_call(op) if op.place else None
    found = nested or (_CALL.match(_line(op.place)) if op.place else None)
    if found is None or op.place is None:
        return None
    new, old = found.groups()
    names = ({old} | _aliases(op.place, old)) - {new}
    for reader in net.readers(op):
        place = reader.place
        if reader.kind != "add" or place is None or place.file != op.place.file or place.line < op.place.line:
            continue
        if place.line == op.place.line:
            if nested and re.search(rf"\+\s*{old}\b(?![.(\[])|(?<![\w.]){old}\s*\+", _line(place)):
                return reader
            continue
        read = names & set(re.findall(r"\w+", _line(place)))
        if any(not _is_assigned(name, place.file, op.place.line + 1, place.line) for name in read):
            return reader
    return None


def _call_within_a_call(op: Op) -> re.Match[str] | None:
    """Find a call such as `self.relu(x)` in `out = self.conv(self.relu(x))`, whose own result gets no name."""
    called = re.escape(op.path.rpartition(".")[2])
    return re.match(rf"\s*(?:(\w+)\s*=)?.*[(,]\s*self\.{called}\(\s*(\w+)\s*\)", _line(op.place)) if op.place else None


def _aliases(place: Place, name: str) -> set[str]:
    """Names that the lines above give to `name` as it stands: `identity = x`."""
    found: set[str] = set()
    for number in range(place.line - 1, max(place.line - _MAX_LINES, 0), -1):
        if re.match(r"\s*def ", linecache.getline(place.file, number)) or _is_assigned(
            name, place.file, number, number + 1
        ):
            break
        alias = re.match(rf"\s*(\w+)\s*=\s*{name}\s*(#.*)?$", linecache.getline(place.file, number))
        if alias and not _is_assigned(alias[1], place.file, number + 1, place.line):
            found.add(alias[1])
    return found


def _is_assigned(name: str, file: str, first: int, end: int) -> bool:
    """Return True if a line from `first` to before `end` gives the name another meaning."""
    pattern = re.compile(rf"\s*(\w+\s*,\s*)*{name}\s*(,\s*\w+\s*)*[-+*/@]?=[^=]")
    return any(pattern.match(linecache.getline(file, number)) for number in range(first, end))


def _line(place: Place) -> str:
    return linecache.getline(place.file, place.line)


RULE = InplaceOnAKeptTensor
