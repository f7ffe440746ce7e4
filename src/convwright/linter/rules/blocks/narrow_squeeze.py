"""CW509."""

from collections.abc import Iterator

from ...blocks import Gate, squeeze_excites
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import LINEAR, NORMS, RECTIFIERS, out_channels
from ...rule import Example, Rule

_NARROW = 8
_UNBOUNDED = frozenset((*LINEAR, *NORMS, *RECTIFIERS)) - {"relu6"}


class NarrowSqueeze(Rule):
    """A squeeze-excite squeezes to fewer than 8 channels, or multiplies by a gate that is not bounded.

    Why: all gates of the map are computed from the squeezed channels; from four of them hundreds of gates cannot be set
    apart. A gate that does not end in a sigmoid scales instead of choosing, and grows without bound.

    Source: Howard et al. 2019, "Searching for MobileNetV3", section 5.3 (a quarter of the expansion instead of a
    squeeze by the bottleneck's width is more accurate, without notable latency); Hu et al. 2018,
    "Squeeze-and-excitation networks", section 6 (the ablations of the reduction ratio and of the gate: ReLU in place of
    the sigmoid is much worse).
    """

    code, severity = "CW509", Severity.ADVICE
    bad = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stem = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU())
                self.squeeze = nn.Conv2d(64, 4, 1)
                self.excite = nn.Conv2d(4, 64, 1)

            def forward(self, x):
                x = self.stem(x)
                gate = self.excite(F.relu(self.squeeze(x.mean((2, 3), keepdim=True))))
                return x * torch.sigmoid(gate)
        """
    )
    good = bad.with_changes(
        {"nn.Conv2d(64, 4, 1)": "nn.Conv2d(64, 16, 1)", "nn.Conv2d(4, 64, 1)": "nn.Conv2d(16, 64, 1)"}
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """All squeeze-excites of the network."""
        gates = tuple(squeeze_excites(net))
        narrow = [gate for gate in gates if _width(gate) < _NARROW <= out_channels(gate.excite) / 2]
        if narrow:
            gate = min(narrow, key=_width)
            others = f"; {len(narrow)} of {len(gates)} squeeze-excites have fewer than {_NARROW}"
            yield self.finding(
                gate.squeeze,
                f"leaves {_width(gate)} channels to compute the gates of {out_channels(gate.excite)} from"
                f"{others if len(narrow) > 1 else ''}",
                fix=suggestion(f"squeeze to at least {_NARROW} channels, or to a quarter of the map's"),
            )
        for gate in gates:
            if gate.last.kind in _UNBOUNDED:
                yield self.finding(
                    gate.last,
                    f"ends the gates of {out_channels(gate.excite)} channels, which have no bound without a sigmoid",
                    fix=suggestion("put a sigmoid after it"),
                )


def _width(gate: Gate) -> int:
    return out_channels(gate.squeeze)


RULE = NarrowSqueeze
