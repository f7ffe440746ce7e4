"""An entry of the listing of runs, and the folders that may hold one."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...files import read_text
from .studies import StudyRuns
from .trainings import FINISHED, Training

LEDGER, CARD = "ledger.db", "model.json"
_DEPTH, _MOST_FOLDERS = 4, 5000


@dataclass(frozen=True, kw_only=True, eq=False)
class RunEntry:
    """A run of the listing.

    Attributes
    ----------
    name : str
        Its folder below the working folder; of a study, that of its ledger with study and budget.
    kind : {"training", "study", "transfer"}
    folder : Path
        Of the run, or of the ledger.
    model, data : str
        What, on what; of a study its name and budget.
    state : {"running", "finished", "stopped", "failed"}
    done : float
        Share of its steps.
    seconds_left : float or None
    accuracy : tuple of (str, float) or None
        On which images, and the share.
    began : float
        Seconds since 1970 when it was last begun or gone on with.
    training, study : Training, StudyRuns or None
        All that is known of it.
    """

    name: str
    kind: str
    folder: Path
    model: str = ""
    data: str = ""
    state: str
    done: float = 0.0
    seconds_left: float | None = None
    accuracy: tuple[str, float] | None = None
    began: float = 0.0
    training: Training | None = None
    study: StudyRuns | None = None


def transfer_in(name: str, folder: Path) -> RunEntry:
    """Read the result of a transfer in a folder."""
    card = json.loads(read_text(folder / CARD))
    data = Path(str(card.get("data", ""))).name
    return RunEntry(
        name=name, kind="transfer", folder=folder, model=str(card.get("model", "")), data=data,
        state=FINISHED, done=1.0, began=(folder / CARD).stat().st_mtime,
    )  # fmt: skip


def folders(top: Path) -> Iterator[Path]:
    """Yield the folders that may hold a run; links are not followed, and what lies in a run is its own."""
    todo, seen = [(top, 0)], 0
    while todo and seen < _MOST_FOLDERS:
        folder, depth = todo.pop()
        seen += 1
        try:
            entries = [each for each in os.scandir(folder) if not each.name.startswith(".")]
        except OSError:
            continue
        names = {each.name for each in entries}
        if names & {"run.json", LEDGER, CARD} and folder != top:
            yield folder
        elif depth < _DEPTH:
            todo += [(Path(each.path), depth + 1) for each in entries if each.is_dir(follow_symlinks=False)]
