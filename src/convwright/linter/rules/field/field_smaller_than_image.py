"""CW204."""

from collections.abc import Iterator

from ....graph import Op
from ....units import size
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import is_global_pool
from ...rule import Example, Rule
from ...settings import Settings


class FieldSmallerThanImage(Rule):
    """No position of the last map sees a whole object before a global pool takes the average.

    Why: the pool adds up what the positions found one by one, so that the network judges a bag of patches. It can still
    classify by texture, but not by how parts lie to each other beyond the field. With the size of the objects given
    (`object-px`) that is a warning; else half of the image is asked for, as advice.

    Source: Araujo et al. 2019, "Computing receptive fields of convolutional neural networks"; Brendel & Bethge 2019,
    "Approximating CNNs with Bag-of-local-Features models works surprisingly well on ImageNet".
    """

    code, severity = "CW204", Severity.ADVICE
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(32, 10),
        )
        """,
        settings=Settings(object_px=12),
    )
    good = bad.with_changes(
        {
            "nn.Conv2d(16, 32": (
                "nn.Conv2d(16, 16, 3, stride=2, padding=1, bias=False),\n"
                "nn.BatchNorm2d(16),\n"
                "nn.ReLU(),\n"
                "nn.Conv2d(16, 32"
            )
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The last map in front of a global pool, with its local field."""
        fields, last = net.analysis.fields, net.last_map
        if not net.classifies or last is None or fields.unknown:
            return
        asked = net.settings.object_px
        if not _is_pooled(last, net) or (asked is None and fields.global_gates):
            return
        seen = fields.receptive_field_px
        wanted = tuple(asked or length // 2 for length in net.image_px)
        if all(have >= want for have, want in zip(seen, wanted, strict=True)):
            return
        what = f"objects of {asked} px" if asked else f"half of an image of {size(net.image_px)} px"
        yield self.finding(
            last,
            f"sees {size(seen)} px at each position of the last map, less than {what}",
            severity=Severity.WARNING if asked else Severity.ADVICE,
            fix=suggestion("add strides, depth or dilation before the pool, or give smaller images"),
        )


def _is_pooled(last: Op, net: LintedNetwork) -> bool:
    """Return True if only global pools read the last map."""
    readers = [last] if is_global_pool(last) else net.readers(last)
    return bool(readers) and all(is_global_pool(op) for op in readers)


RULE = FieldSmallerThanImage
