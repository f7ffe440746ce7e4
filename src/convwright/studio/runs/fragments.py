"""The parts of the page of runs as HTML, everything in them escaped."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ... import units
from ...reports.figures import as_svg
from ...reports.run.plots import curves_svg
from ...reports.sheet import Sheet
from ...reports.study.plots import cost_figure, differences_figure
from ...reports.study.tables import arm_sheet, front_note, plotted_costs, study_notes
from ...reports.to_html import embedded, flat
from ...studies import JobEntry, StudyResult
from ..shared.html import templates_beside
from ..shared.photograph_fragments import photograph_form
from .commands import STUDY, TRAINING
from .explanation import Explanation, ExplanationChoices
from .jobs import Jobs
from .run_entry import RunEntry
from .trainings import FAILED, FINISHED, STOPPED, Training

render = templates_beside(__file__)

_FIELDS = {
    "network": "model",
    "data": "data",
    "recipe": "recipe",
    "length": "length",
    "unit": "length in",
    "seed": "seed",
    "study": "study",
    "budget": "budget",
}
_NUMBERS = ("length", "seed")
_COLUMNS = {
    "epoch": ("epoch", "{:.0f}"),
    "train_loss": ("loss", "{:.3f}"),
    "train_accuracy": ("train", "{:.2%}"),
    "validation_loss": ("validation loss", "{:.3f}"),
    "validation_accuracy": ("validation", "{:.2%}"),
    "lr": ("rate", "{:.3g}"),
    "images_per_second": ("images/s", "{:,.0f}"),
}
_MOST_EPOCHS = 200  # rows of the table


def problem(words: str) -> Markup:
    """Show an error as a sentence; nothing for ""."""
    return render("problem.html.j2", problem=words)


def forms(choices: Mapping[str, Collection[str]], commands: Mapping[str, Markup]) -> Markup:
    """Show what can be started: a form each, and the command that it makes."""
    fields = [("train", "Start a training", TRAINING), ("study", "Start a study", STUDY)]
    return render("forms.html.j2", forms=fields, labels=_FIELDS, choices=choices, commands=commands, numbers=_NUMBERS)


def command(what: str, given: str, words: str) -> Markup:
    """Show the command of a form as it would be typed, with a note; or only why it cannot be run."""
    return render("command.html.j2", what=what, command=given, words=words)


def nowhere() -> Markup:
    """Show that there is no such run."""
    return render("nowhere.html.j2")


def listing(found: Collection[RunEntry], folder: str) -> Markup:
    """Show all runs."""
    return render("listing.html.j2", rows=[_row(each) for each in found], place=folder)


def status(run: RunEntry, jobs: Jobs, *, again: str, why_not: str, output: str = "") -> Markup:
    """Show the progress of one run, and the actions that it allows.

    Parameters
    ----------
    jobs : Jobs
        Processes that were started here.
    again, why_not : str
        Command that resumes it, "" for none, and why there is none.
    output : str
        The last lines of its output.
    """
    has_failed = run.state == FAILED
    error = run.training.run_status.error if has_failed and run.training and run.training.run_status else ""
    has_results = run.study is not None and any(entry.state == "done" for entry in run.study.entries)
    has_record = run.training is not None and run.training.record is not None
    return render(
        "status.html.j2",
        run=_row(run),
        error=error or (output.strip().splitlines()[-1:] or [""])[0] if has_failed else "",
        far=_far(run),
        given=jobs.command(run.name),
        again=again,
        why_not=why_not if run.state in (FAILED, STOPPED) else "",
        is_ours=jobs.is_running(run.name),
        is_stopping=jobs.is_stopping(run.name),
        has_report=has_results or has_record or run.kind == "transfer",
        facts=_facts(run),
    )


def curves(found: Training) -> Markup:
    """Draw loss, accuracy and learning rate so far."""
    run_status = found.run_status
    drawn = curves_svg(found.epochs, run_status.losses if run_status else (), epoch_steps=found.epoch_steps)
    return render("plots.html.j2", plots=drawn)


def study_answer(result: StudyResult | None) -> Markup:
    """Show the result of the runs of a study that are done: answer, arms, pictures, notes."""
    if result is None:
        return render("answer.html.j2", question="")
    summary, pictures = result.summary, {}
    if any(arm.difference for arm in summary.arms):
        pictures["Paired differences"] = as_svg(differences_figure(summary), "paired differences with intervals")
    if plotted_costs(summary):
        pictures["Accuracy against cost"] = as_svg(cost_figure(summary), "accuracy against cost, with intervals")
    return render(
        "answer.html.j2",
        question=result.question,
        answer=summary.answer,
        sheet=arm_sheet(summary),
        front=front_note(summary),
        notes=study_notes(result),
        pictures=pictures,
    )


def numbers(found: RunEntry, said: str) -> Markup:
    """Show the table of epochs, or of arms and seeds, the recipe, and the output of the command."""
    sheet, recipe = None, None
    if found.training:
        sheet = _epochs(found.training)
        recipe = flat(found.training.recipe.to_dict()) if found.training.recipe else None
    elif found.study:
        sheet = _jobs(found.study.entries)
    return render(
        "numbers.html.j2",
        title="Runs" if found.study else "Epochs",
        sheet=sheet,
        recipe=recipe,
        said=said,
        errors=_errors(found),
    )


def loading() -> Markup:
    """Show that the network is being loaded."""
    return render("explanation_soon.html.j2")


def explanation(
    choices: ExplanationChoices, names: Sequence[str], found: Explanation | None, problem: str = ""
) -> Markup:
    """Show the explanation of a network on a photograph; `names` are the photographs to choose from."""
    return render(
        "explanation.html.j2",
        photograph_form=photograph_form(names),
        choices=choices,
        explanation=found,
        problem=problem,
        embedded=embedded,
        percent=units.percent,
    )


def _row(found: RunEntry) -> dict[str, Any]:
    accuracy = ""
    if found.accuracy:
        accuracy = f"{100 * found.accuracy[1]:.1f} % {found.accuracy[0]}"
    elif found.study:
        accuracy = f"{found.study.num_ended} of {len(found.study.entries)} runs"
    left = f"{units.seconds(found.seconds_left)} left" if found.seconds_left and found.state == "running" else ""
    return {
        "name": found.name,
        "kind": found.kind,
        "model": found.model,
        "data": found.data,
        "state": found.state,
        "percent": round(100 * found.done),
        "left": left,
        "accuracy": accuracy,
        "when": time.strftime("%Y-%m-%d %H:%M", time.localtime(found.began)),
    }


def _far(found: RunEntry) -> str:
    if found.study:
        others = f"; {found.study.num_others} more have other settings" if found.study.num_others else ""
        return f"{found.study.num_ended} of {len(found.study.entries)} runs{others}"
    run_status = found.training.run_status if found.training else None
    if run_status is None or found.state == FINISHED:
        return ""
    return f"epoch {run_status.epoch} of {run_status.num_epochs}, step {run_status.step:,} of {run_status.num_steps:,}"


def _facts(found: RunEntry) -> list[tuple[str, str]]:
    facts = [("kind", found.kind), ("study" if found.study else "model", found.model)]
    facts += [("budget" if found.study else "data", found.data or "-")]
    if found.training:
        facts += [("recipe", found.training.recipe.name or "own")] if found.training.recipe else []
        facts += [("seed", str(found.training.spec.seed))]
        if found.training.epochs:
            facts += [("time", units.seconds(sum(row["seconds"] for row in found.training.epochs)))]
        if record := found.training.record:
            low, high = record["test"]["accuracy_interval_95"]
            facts += [("test accuracy", f"{record['test']['accuracy']:.2%} ({low:.2%} to {high:.2%})")]
        elif found.accuracy:
            facts += [("best validation accuracy", f"{found.accuracy[1]:.2%}")]
    return facts


def _epochs(found: Training) -> Sheet | None:
    rows = found.epochs[::-1][:_MOST_EPOCHS]
    if not rows:
        return None
    known = {name: shown for name, shown in _COLUMNS.items() if any(name in row for row in rows)}
    lines = [tuple(form.format(row[name]) if name in row else "" for name, (_, form) in known.items()) for row in rows]
    return Sheet(titles=tuple(title for title, _ in known.values()), lines=lines, num_words=0)


def _jobs(entries: Collection[JobEntry]) -> Sheet:
    """Return the table of runs: a row for each arm, a column for each seed."""
    cells = {(entry.arm, entry.seed): _cell(entry) for entry in entries}
    seeds, arms = sorted({entry.seed for entry in entries}), dict.fromkeys(entry.arm for entry in entries)
    lines = [(arm, *(cells.get((arm, seed), "") for seed in seeds)) for arm in arms]
    return Sheet(titles=("arm", *(f"seed {seed}" for seed in seeds)), lines=lines)


def _cell(entry: JobEntry) -> str:
    if entry.state == "done":
        return "done" if entry.value is None else f"{entry.value:.4g}"
    if entry.state == "claimed":
        return f"{entry.step / entry.num_steps:.0%}"
    return "failed" if entry.state == "failed" else "-"


def _errors(found: RunEntry) -> list[tuple[str, str]]:
    if not found.study:
        return []
    failed = [entry for entry in found.study.entries if entry.state == "failed" and entry.error]
    return [(f"{entry.arm}, seed {entry.seed}", str(entry.error).strip()) for entry in failed]
