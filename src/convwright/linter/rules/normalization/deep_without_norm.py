"""CW309."""

from collections.abc import Collection, Iterator
from math import prod

from ....graph import Op, Tensor
from ...common_fixes import norm_after
from ...finding import Finding, Fix, Severity, training_fix
from ...linted_network import LintedNetwork
from ...patterns import CONVS, NORMS, spatial
from ...rule import Example, Rule

_MAX_CONVS = 10
# Norms that are written out, and an activation made to do without.
_OTHER_CARE = ("var", "var_mean", "std", "std_mean", "rsqrt", "normalize", "selu", "inplace_abn")


class DeepWithoutNorm(Rule):
    """A classifier of more than ten convolutions in sequence has no normalization.

    Why: without it the scale of the activations is a product over all layers, so that training needs a careful start
    and a small learning rate. VGG (2014) predates batch norm; its deeper variants were first trained from shallow ones.

    Source: Ioffe & Szegedy 2015, "Batch Normalization", section 4.2 (14 times fewer steps for the same accuracy);
    Simonyan & Zisserman 2015, section 3.1 (the start from a shallow network). Networks that scale their branches or
    weights instead are left alone: Zhang et al. 2019, "Fixup initialization"; Brock et al. 2021 (NFNet).
    """

    code, severity = "CW309", Severity.WARNING
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            *[nn.Sequential(nn.Conv2d(16, 16, 3, padding=1), nn.ReLU()) for _ in range(10)],
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(16, 10),
        )
        """,
        inputs=(2, 3, 64, 64),
    )
    good = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            *[
                nn.Sequential(nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
                for _ in range(10)
            ],
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(16, 10),
        )
        """,
        inputs=(2, 3, 64, 64),
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The longest path of a classifier in training mode, when nothing keeps the scale."""
        if not net.classifies or not net.was_training("") or net.ops_of(*NORMS, *_OTHER_CARE):
            return
        # A convolution that makes a single position is a linear layer in disguise.
        convs = [
            op for op in net.ops_of(*CONVS) if prod(spatial(op.output)) > 1 and _is_learned(op.args["weight"], net)
        ]
        if any(op.args["weight"].role != "parameter" for op in convs):
            return
        # A product with a number or a parameter, as scaled residual branches have.
        if any(sum(tensor.role == "result" for tensor in op.inputs) < 2 for op in net.ops_of("mul", "div")):
            return
        depth = _depth(net, {op.index for op in convs})
        if depth > _MAX_CONVS:
            yield self.finding("", f"stacks {depth} convolutions without any normalization", fix=_fix(convs, net))


def _is_learned(weight: Tensor, net: LintedNetwork) -> bool:
    """Return True if a parameter is in it: the taps of a blur are a buffer, laid out for each channel."""
    maker = net.graph.producer(weight)
    return weight.role == "parameter" or (maker is not None and any(_is_learned(each, net) for each in maker.inputs))


def _depth(net: LintedNetwork, convs: Collection[int]) -> int:
    depths: list[int] = []
    for op in net.graph:
        before = max((depths[tensor.producer] for tensor in op.inputs if tensor.producer is not None), default=0)
        depths.append(before + (op.index in convs))
    return max(depths, default=0)


def _fix(convs: list[Op], net: LintedNetwork) -> Fix:
    summary = "add a batch norm behind every convolution"
    hidden = [op for op in convs if op is not net.logits]
    possible = all(op.kind == "conv2d" and net.is_alone(op) for op in hidden)
    return training_fix(summary, *(edit for op in hidden for edit in norm_after(op)), possible=possible)


RULE = DeepWithoutNorm
