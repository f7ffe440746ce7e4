"""Studies, their arms, budgets, progress and answers as tables."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.table import Table

from .. import units
from ..reports.study.tables import arm_sheet
from ..studies import JobEntry, Plan, Study
from ..studies.summary import StudySummary
from ._tables import fitting_table, plain_table


def table_of_studies(studies: Iterable[Study]) -> Table:
    """Return a table with one row per study."""
    table = plain_table("study", "question", right=("arms", "quick takes"))
    for study in studies:
        table.add_row(study.name, study.question, str(len(study.arms)), study.budgets["quick"].time)
    return table


def heading(plan: Plan) -> str:
    """Return one sentence on what is about to run, and on what differs from the study as it is."""
    num_arms = len(plan.arms)
    size = f"{units.number_of(num_arms, 'arm')} x {units.number_of(len(plan.jobs) // num_arms, 'seed')}"
    images = f"{plan.facts['num_images']['train']:,} training images of {plan.facts['name']}"
    line = f"{plan.study.name}, {plan.budget}: {size} on {images}"
    return f"{line} (changed: {', '.join(plan.changed)})" if plan.changed else line


def table_of_arms(plan: Plan) -> Table:
    """Return a table of the arms and their costs; the caption says what was proved equal."""
    study, table = plan.study, plain_table("arm", "what it is", right=("parameters", "MACs", "field"))
    for arm in plan.arms:
        shown = f"{arm.name} (baseline)" if arm.name == study.baseline else arm.name
        cells = {
            "parameters": units.count(arm.costs.parameters),
            "macs": units.count(arm.costs.macs),
            "receptive_field_px": f"{arm.costs.receptive_field_px} px",
        }
        cells = {cost: f"{cell} *" if cost in arm.unequal else cell for cost, cell in cells.items()}
        table.add_row(shown, arm.claim, *cells.values())
    whose = "what each is compared with" if any(arm.against for arm in study.arms) else "the baseline's"
    held = [
        f"{cost} within {units.percent(share)} of {whose}" if share else f"{cost} as {whose}"
        for cost, share in study.hold_equal.items()
    ]
    if held:
        marked = any(arm.unequal for arm in plan.arms)
        table.caption = f"Proved: {', '.join(held)}." + (" * differs on purpose." if marked else "")
    return table


def table_of_budgets(study: Study) -> Table:
    """Return a table with one row per budget."""
    table = plain_table("budget", "data", "length", "time", right=("seeds",))
    for name, budget in study.budgets.items():
        recipe = study.recipe_of(study.arm(study.baseline), budget)
        length = f"{recipe.epochs:,} epochs" if recipe.epochs else f"{recipe.steps:,} steps"
        table.add_row(name, budget.data_name, f"{length} of {recipe.batch_size}", budget.time, str(budget.seeds))
    return table


def table_of_progress(entries: Sequence[JobEntry]) -> Table:
    """Return a table with one row for each study and budget of a ledger."""
    table = plain_table("study", "budget", right=("done", "running", "waiting", "failed"))
    counts: dict[tuple[str, str], Counter[str]] = {}
    for entry in entries:
        counts.setdefault((entry.study, entry.budget), Counter())[entry.state] += 1
    for (study, budget), states in counts.items():
        table.add_row(study, budget, *(str(states[state]) for state in ("done", "claimed", "queued", "failed")))
    return table


def table_of_answer(summary: StudySummary, width: int) -> Table:
    """An arm a row: verdict, mean with its spread and interval, difference, p; costs where they fit into `width`."""
    return fitting_table(arm_sheet(summary), width, dispensable=("parameters", "MACs", "95 % interval"))
