"""CW306."""

from collections.abc import Iterator
from math import prod

from ....graph import Op
from ...common_fixes import without
from ...finding import Finding, Safety, Severity
from ...linted_network import LintedNetwork
from ...patterns import spatial
from ...rule import Example, Rule


class NormOfOneValue(Rule):
    """A norm has one value to normalize.

    Why: a single value minus its own mean is zero. Group, layer and instance norm then give out their bias whatever
    they read, and nothing before them learns. Batch norm has the values of the other images: it works until a batch
    has one image, as the last of an epoch may, and then raises an error while training.

    Source: Wu & He 2018, "Group normalization", section 3 (the sets over which mean and variance are taken); the error
    message of `torch.nn.functional.batch_norm`, see its documentation and pytorch/pytorch#7716 (2018).
    """

    code, severity = "CW306", Severity.ERROR
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.GroupNorm(8, 8),
            nn.Flatten(),
            nn.Linear(8, 10),
        )
        """
    )
    good = bad.with_changes({"nn.GroupNorm(8, 8)": "nn.GroupNorm(1, 8)"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """Norms inside an image first; then, at the first of them, the batch norms that see one value an image."""
        for op in net.ops_of("group_norm", "layer_norm", "instance_norm"):
            if _size(op) == 1:
                yield self.finding(
                    op,
                    f"normalizes {op.output.shape[1]} values one by one: whatever it reads, it gives out its bias",
                    fix=without(op, net, Safety.CHANGES_TRAINING),
                    # On one channel it may be meant for more; published networks have it in side branches.
                    severity=Severity.WARNING if op.kind == "layer_norm" else Severity.ERROR,
                )
        alone = [
            op
            for op in net.ops_of("batch_norm")
            if op.input.shape[0] == net.batch_size and prod(spatial(op.input)) == 1
        ]
        single = [op for op in alone if net.was_training(op.path)]
        if single:
            others = f", like {len(single) - 1} more" if len(single) > 1 else ""
            yield self.finding(
                single[0],
                f"sees one value per channel and image{others}: a training batch of one image fails here "
                "(DataLoader(drop_last=True) leaves a last batch of one out)",
                severity=Severity.ADVICE,
            )


def _size(op: Op) -> int:
    if op.kind == "layer_norm":
        return prod(op.args["normalized_shape"])
    channels = op.input.shape[1] // op.args["num_groups"] if op.kind == "group_norm" else 1
    return channels * prod(spatial(op.input))


RULE = NormOfOneValue
