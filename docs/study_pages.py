"""The pages of the studies: an index, and a page each from its docstring and, where there is one, its kept result."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pictures import Picture, digest_of

from convwright.reports.study.page import picture_makers, read_result, study_markdown
from convwright.reports.to_markdown import markdown_table
from convwright.studies import Study, StudyResult, studies
from convwright.studies.summary import Agreement, StudySummary

HERE = Path(__file__).parent
INTRO = """\
What each study of the library asks, and what came out where it was run. An arm is called better or worse only
where a test of the paired differences, corrected for the number of arms, says so ([how](statistics.md)).

`convwright study run NAME` runs one; `convwright study compare docs/results/NAME.json REPORT` puts your result beside
the one that is kept here.

A ledger knows which runs are done: the same command goes on where it was stopped. `--workers 2` divides the cores of
a machine. Several machines share a ledger of PostgreSQL (`--ledger postgresql://user@host/database`): give each the
same command, or give it once, with `--ray HOST:PORT`, on a machine of a Ray cluster. Every machine of the cluster needs
`convwright[ray,postgres]`, the data, the ledger within reach, and the directory in which the command is given, shared
and under the same path; the run of a machine that is lost goes on elsewhere from its last checkpoint. `--ray` alone
takes the cluster that this machine is part of, or else makes one of it."""
NOT_RUN = "not run yet"
_WORDS = {"differences.png": "Paired differences", "cost.png": "Accuracy against cost", "curves.png": "Curves"}


def studies_page() -> str:
    """The index."""
    rows = [_row(study) for study in studies().values()]
    titles = ("study", "question", "answer", "against what is said of arms", "seeds", "budget", "date")
    return f"# Studies\n\n{INTRO}\n\n{markdown_table(titles, rows)}\n"


def study_pages() -> dict[str, Callable[[], str]]:
    """A page a study."""
    return {f"studies/{name}.md": partial(_page, study) for name, study in studies().items()}


def wanted_pictures() -> dict[Path, Picture]:
    """What draws the pictures of the kept results, by file."""
    wanted = {}
    for name in studies():
        if (path := _kept(name)).exists():
            result = read_result(path)
            makers = picture_makers(result)
            wanted |= {HERE / "studies" / f"{name}-{kind}": (make, digest_of(path)) for kind, make in makers.items()}
    return wanted


def _row(study: Study) -> list[str]:
    link = f"[{study.name}](studies/{study.name}.md)"
    if not (path := _kept(study.name)).exists():
        return [link, study.question, NOT_RUN, "", "", "", ""]
    result = read_result(path)
    summary = result.summary
    numbers = sorted({len(arm.runs) for arm in result.arms})
    seeds = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    return [link, study.question, summary.answer, _agreements(summary), seeds, result.budget, _date(path)]


def _agreements(summary: StudySummary) -> str:
    told = {
        each: ", ".join(f"{arm.name} ({arm.expected})" for arm in summary.arms if arm.agreement == each)
        for each in Agreement
    }
    return "; ".join(f"{agreement}: {arms}" for agreement, arms in told.items() if arms)


def _page(study: Study) -> str:
    module = sys.modules[f"convwright.studies.library.{study.name.replace('-', '_')}"]
    title, _, words = (module.__doc__ or "").strip().partition("\n\n")
    parts = [f"# {title.rstrip('.')}", words]
    if (path := _kept(study.name)).exists():
        result = read_result(path)
        parts += [f"## Measured {_date(path)}", _result(result)]
    else:
        arms = [
            (arm.name, arm.claim, f"{arm.expected}, against {other.name}" if arm.expected and other else "")
            for arm, other in ((arm, study.compared_with(arm)) for arm in study.arms)
        ]
        parts += [
            f"## Result\n\nThe study is {NOT_RUN}.",
            "## Arms",
            markdown_table(("arm", "what it is", "expected"), arms),
        ]
    return "\n\n".join(parts).rstrip() + "\n"


def _result(result: StudyResult) -> str:
    """The report below its title, with the pictures after its first table."""
    _, _, text = study_markdown(result).partition("\n\n")
    makers = picture_makers(result)
    shown = "\n\n".join(f"![{_WORDS[kind]}]({result.study}-{kind})" for kind in makers)
    before, heading, after = text.partition("\n\n## What is said")
    return f"{before}\n\n{shown}{heading}{after}"


def _kept(name: str) -> Path:
    return HERE / "results" / f"{name}.json"


def _date(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8"))["date"])
