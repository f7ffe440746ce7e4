"""The report of a plan: where it lies, and the networks in it as pictures."""

import hashlib
import re
from pathlib import Path

from ...analysis.analyze import analyze
from ...analysis.stages import stages
from ...studies import Plan
from ..analysis.picture import network_picture

_HOVER = re.compile("<title>.*?</title>", re.DOTALL)


def folder_of_report(plan: Plan, folder: Path) -> Path:
    """Where a report goes by itself: one of changed settings does not replace that of the study as it is."""
    changed = "\n".join(plan.changed)
    mark = f"-{hashlib.sha256(changed.encode()).hexdigest()[:6]}" if changed else ""
    return folder / "reports" / f"{plan.study.name}-{plan.budget}{mark}"


def diagrams(plan: Plan) -> dict[str, str]:
    """A picture of each arm's network; arms that look alike share one, without what each says on hover."""
    channels, *size = plan.facts["image_shape"]
    alike: dict[str, dict[str, str]] = {}
    for name in plan.costs:
        model = plan.study.arm(name).build(num_classes=len(plan.facts["class_names"]), in_channels=channels, seed=0)
        picture = network_picture(stages(analyze(model.eval(), (1, channels, *size)).ops))
        alike.setdefault(_HOVER.sub("", picture), {})[name] = picture
    return {", ".join(arms): bare if len(arms) > 1 else next(iter(arms.values())) for bare, arms in alike.items()}
