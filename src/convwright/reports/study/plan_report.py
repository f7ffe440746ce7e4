"""The report of a plan: where it lies, and the networks in it as pictures."""

import hashlib
from pathlib import Path

from markupsafe import Markup

from ...analysis.analyze import analyze
from ...analysis.stages import stages
from ...studies import Plan
from ..analysis.picture import network_picture


def folder_of_report(plan: Plan, folder: Path) -> Path:
    """Where a report goes by itself: one of changed settings does not replace that of the study as it is."""
    changed = "\n".join(plan.changed)
    mark = f"-{hashlib.sha256(changed.encode()).hexdigest()[:6]}" if changed else ""
    return folder / "reports" / f"{plan.study.name}-{plan.budget}{mark}"


def diagrams(plan: Plan) -> dict[str, Markup]:
    """Draw each arm's network; arms that look alike share a picture, without what each says on hover."""
    channels, *size = plan.facts["image_shape"]
    alike: dict[Markup, dict[str, Markup]] = {}
    for name in plan.costs:
        model = plan.study.arm(name).build(num_classes=len(plan.facts["class_names"]), in_channels=channels, seed=0)
        found = stages(analyze(model.eval(), (1, channels, *size)).ops)
        alike.setdefault(network_picture(found, has_hovers=False), {})[name] = network_picture(found)
    return {", ".join(arms): bare if len(arms) > 1 else next(iter(arms.values())) for bare, arms in alike.items()}
