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
        Folder of the run, or of the ledger.
    state : {"running", "finished", "stopped", "failed"}
    began : float
        Seconds since 1970 when it was last started or resumed.
    model, data : str
        Model and data set; of a study its name and budget.
    training, study : Training, StudyRuns or None
        Everything that is known of it.
    """

    name: str
    kind: str
    folder: Path
    state: str
    began: float = 0.0
    model: str = ""
    data: str = ""
    training: Training | None = None
    study: StudyRuns | None = None

    @property
    def done(self) -> float:
        """Share of its steps that are done."""
        source = self.training or self.study
        return source.done if source else float(self.state == FINISHED)

    @property
    def seconds_left(self) -> float | None:
        """Estimate of the time that is left."""
        source = self.training or self.study
        return source.seconds_left if source else None

    @property
    def accuracy(self) -> tuple[str, float] | None:
        """Images that a training was evaluated on, and its accuracy."""
        return self.training.accuracy if self.training else None


def transfer_in(name: str, folder: Path) -> RunEntry:
    """Read the result of a transfer in a folder."""
    card, began = json.loads(read_text(folder / CARD)), (folder / CARD).stat().st_mtime
    model, data = str(card.get("model", "")), Path(str(card.get("data", ""))).name
    return RunEntry(name=name, kind="transfer", folder=folder, state=FINISHED, began=began, model=model, data=data)


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
