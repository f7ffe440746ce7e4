"""CW110."""

from collections.abc import Iterator

from torch import nn

from ....errors import ConvwrightError
from ....graph import Graph, ModuleRow, trace
from ....graph.modes import in_mode
from ....units import count
from ...edits import Delete
from ...finding import Finding, Fix, Gain, Safety, Severity, suggestion
from ...linted_network import LintedNetwork
from ...rule import Example, Rule

_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
_HELD = (nn.ParameterList, nn.ParameterDict)


class UnusedModule(Rule):
    """A module with parameters is built and never called, neither in training nor in use.

    Why: its weights are stored, copied to every device, saved with every checkpoint and handed to the optimizer, and
    never learn; often the call was forgotten. Data-parallel training stops at parameters that get no gradient.

    Source: documentation of torch.nn.parallel.DistributedDataParallel (find_unused_parameters).

    Fix: the line goes; a module inside a container stays, because its neighbours would be renumbered.
    """

    code, severity = "CW110", Severity.WARNING
    bad = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False)
                self.norm = nn.BatchNorm2d(16)
                self.shortcut = nn.Conv2d(3, 16, 1, stride=2)

            def forward(self, x):
                return torch.relu(self.norm(self.conv(x)))
        """
    )
    good = bad.with_changes({"self.shortcut = nn.Conv2d(3, 16, 1, stride=2)": ""})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The outermost modules of which no part ran in either mode."""
        idle = _idle(net.graph)
        if not idle:
            return
        idle &= _idle_in_training(net)
        for path in sorted(idle):
            if path.rpartition(".")[0] in idle:
                continue
            row = net.graph.modules[path]
            parameters = sum(each.numel for each in net.graph.parameters.values() if each.name.startswith(f"{path}."))
            yield self.finding(
                path,
                f"({row.type}) keeps {count(parameters)} parameters and is never called",
                gain=Gain(parameters=parameters),
                fix=_fix(row, net),
            )


def _idle(graph: Graph) -> set[str]:
    """Modules that hold parameters, of which no part is called and no parameter read."""
    read = {tensor.id for op in graph for tensor in op.inputs if tensor.role == "parameter"}
    used: set[str] = set()
    holders: set[str] = set()
    for path, row in graph.modules.items():
        if row.num_calls:
            used.update(above for name in row.paths for above in _upwards(name))
        if issubclass(row.module_class, _HELD):
            used.update(_upwards(path))
    for weight in graph.parameters.values():
        owners = {above for name in weight.names for above in _upwards(name.rpartition(".")[0])}
        holders |= owners
        if weight.tensor.id in read or any("parametrizations" in name for name in weight.names):
            used |= owners
    return {path for path in graph.modules if path in holders and path not in used}


def _upwards(path: str) -> Iterator[str]:
    """The path, and the paths of all that contain it."""
    while path:
        yield path
        path = path.rpartition(".")[0]
    yield ""


def _idle_in_training(net: LintedNetwork) -> set[str]:
    """The same in train mode; nothing when the network cannot be traced so."""
    # Batch norm refuses to train on one value a channel: a single image becomes two.
    inputs = net.example_inputs(least_batch=2)
    with in_mode(net.model, training=True):
        try:
            return _idle(trace(net.model, inputs, values=net.was_computed))
        except ConvwrightError:
            return set()


def _fix(row: ModuleRow, net: LintedNetwork) -> Fix:
    holder = net.module(row.path.rpartition(".")[0])
    if isinstance(holder, _CONTAINERS) or len(row.paths) > 1:
        return suggestion("remove it, or call it")
    return Fix(summary="remove it", safety=Safety.SAME_OUTPUT, edits=(Delete(path=row.path),))


RULE = UnusedModule
