"""CW804."""

from collections.abc import Iterator

from torch import nn

from ....graph import Op
from ...edits import Edit, Replace
from ...finding import Finding, Fix, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...rule import Example, Rule
from ...settings import Settings

_CURVED = {"silu": nn.SiLU, "gelu": nn.GELU, "mish": nn.Mish}
_PHONE = Settings(target="mobile")


class ActivationWithoutInt8(Rule):
    """A network for phones uses an activation that needs an exponential.

    Why: SiLU, GELU and Mish have no cheap form in eight-bit integers, and each library approximates them in its own
    way. Hard-swish is made of ReLU6, a sum and a product, and follows SiLU closely.

    Source: Howard et al. 2019, "Searching for MobileNetV3", section 5.2 (nonlinearities).

    Fix: replaces the activations by nn.Hardswish; trained weights need some more training.
    """

    code, severity = "CW804", Severity.ADVICE
    bad = Example(
        source="nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.SiLU())",
        settings=_PHONE,
    )
    good = Example(
        source="nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.Hardswish())",
        settings=_PHONE,
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """All activations of a network for phones."""
        curved = net.ops_of(*_CURVED) if net.settings.target == "mobile" else ()
        if not curved:
            return
        names = ", ".join(dict.fromkeys(_CURVED[op.kind].__name__ for op in curved))
        calls = "call needs" if len(curved) == 1 else "calls need"
        yield self.finding(
            curved[0],
            f"is {names}: {len(curved)} {calls} an exponential, which eight-bit integers have to approximate",
            fix=_hard(curved, net),
        )


def _hard(curved: tuple[Op, ...], net: LintedNetwork) -> Fix:
    summary = "use nn.Hardswish() instead"
    edits: dict[str, Edit] = {}
    for op in curved:
        if type(net.module(op.path)) is not _CURVED[op.kind]:
            return suggestion(summary)
        edits[op.path] = Replace(path=op.path, code="nn.Hardswish()")
    return training_fix(summary, *edits.values())


RULE = ActivationWithoutInt8
