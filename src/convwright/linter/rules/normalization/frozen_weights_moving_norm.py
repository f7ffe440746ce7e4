"""CW307."""

from collections.abc import Iterator

from ....graph import Op, Tensor
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import LINEAR
from ...rule import Example, Rule


class FrozenWeightsMovingNorm(Rule):
    """A frozen part of the network still moves the running statistics of its batch norms.

    Why: `requires_grad_(False)` stops the weights, not the statistics, which move with every training batch. The frozen
    features drift, normalize by the batch while training, and differ from what was pretrained.

    Source: documentation of `torch.nn.BatchNorm2d` (running estimates are kept in training mode).
    """

    code, severity = "CW307", Severity.ERROR
    bad = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())
                self.head = nn.Conv2d(8, 4, 1)
                self.body.requires_grad_(False)

            def forward(self, x):
                return self.head(self.body(x))
        """
    )
    good = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())
                self.head = nn.Conv2d(8, 4, 1)
                self.body.requires_grad_(False)
                self.train()

            def train(self, mode=True):
                super().train(mode)
                self.body.eval()
                return self

            def forward(self, x):
                return self.head(self.body(x))
        """
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """Batch norms in training mode whose weights, and those of the layer before, are frozen; one finding."""
        if not net.was_training("") or not any(row.trainable for row in net.graph.parameters.values()):
            return
        frozen = [op for op in net.ops_of("batch_norm") if net.was_training(op.path) and _is_frozen(op, net)]
        moving = [op for op in frozen if op.args["running_mean"] is not None and op.args["momentum"] != 0]
        if moving:
            path = _common([op.path for op in moving])
            norms = [op for op in net.ops_of("batch_norm") if f"{op.path}.".startswith(path and f"{path}.")]
            yield self.finding(
                path,
                "moves its running statistics in training, while its weights are frozen"
                if len(moving) == 1
                else f"holds {len(moving)} batch norms that move their running statistics in training, "
                "while their weights are frozen",
                fix=suggestion(
                    f'override train() to end with self.get_submodule("{path}").eval()'
                    if len(norms) == len(moving)
                    else "override train() to put the batch norms with frozen weights back in eval mode"
                ),
            )


def _is_frozen(op: Op, net: LintedNetwork) -> bool:
    before = net.producer(op.input)
    if before is None or before.kind not in LINEAR:
        return False
    return _frozen(op.args["weight"], net) and _frozen(before.args["weight"], net)


def _frozen(weight: Tensor | None, net: LintedNetwork) -> bool:
    return weight is not None and weight.role == "parameter" and not net.graph.parameters[weight.name].trainable


def _common(paths: list[str]) -> str:
    """The innermost module around all of them.

    >>> _common(["body.0.bn", "body.1.bn"]), _common(["bn"])
    ('body', 'bn')
    """
    parts = [path.split(".") for path in paths]
    shared = 0
    while all(len(part) > shared and part[shared] == parts[0][shared] for part in parts):
        shared += 1
    return ".".join(parts[0][:shared])


RULE = FrozenWeightsMovingNorm
