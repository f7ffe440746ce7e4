"""Folder of a plan's report, and its networks as pictures."""

import hashlib
from pathlib import Path

from markupsafe import Markup

from ...analysis.analyze import analyze
from ...analysis.stages import stages
from ...studies import Plan
from ..analysis.picture import network_picture


def folder_of_report(plan: Plan, folder: Path) -> Path:
    """Return where a report goes by default: one of changed settings does not replace that of the study as it is."""
    changed = "\n".join(plan.changed)
    mark = f"-{hashlib.sha256(changed.encode()).hexdigest()[:6]}" if changed else ""
    return folder / "reports" / f"{plan.study.name}-{plan.budget}{mark}"


def diagrams(plan: Plan) -> dict[str, Markup]:
    """Draw each arm's network; arms that look alike share a picture, without what each says on hover."""
    alike: dict[Markup, dict[str, Markup]] = {}
    for arm in plan.arms:
        found = stages(analyze(plan.build(arm).eval(), (1, *plan.facts["image_shape"])).ops)
        alike.setdefault(network_picture(found, has_hovers=False), {})[arm.name] = network_picture(found)
    return {", ".join(arms): bare if len(arms) > 1 else next(iter(arms.values())) for bare, arms in alike.items()}
