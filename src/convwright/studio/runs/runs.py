"""The runs below the working folder: trainings, studies, transfers; and what may be done with them."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ...errors import ConvwrightError, unknown
from ...reports.run.page import write_pictures
from ...reports.study.page import write_study_report
from ...reports.study.plan_report import diagrams, folder_of_report
from ...studies import StudyResult
from . import commands
from .jobs import Jobs, tail
from .run_entry import CARD, LEDGER, RunEntry, folders, transfer_in
from .studies import Studies
from .trainings import FAILED, RUNNING, STOPPED, look_at

_FRESH_SECONDS = 0.7  # that a listing is good for, so that many tabs look once
_IDLE = 10  # times as long as a look takes is what passes until the next
_DRAWN_SECONDS, _MOST_DRAWN = 2.0, 16  # between two pictures of a run, and of so many runs


class Runs:
    """Runs below the working folder, shared by all tabs.

    Parameters
    ----------
    folder : Path
        The working folder: nothing outside of it is read or written.

    Attributes
    ----------
    jobs : Jobs
        What was started here.
    studies : Studies
        What is known of ledgers.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.jobs = Jobs(self.folder)
        self.studies = Studies()
        self._commands: dict[str, commands.RunCommand] = {}
        self._listed: tuple[float, dict[str, RunEntry]] = (float("-inf"), {})
        self._fresh_seconds = _FRESH_SECONDS
        self._drawn: dict[str, tuple[object, float, Markup]] = {}

    def listing(self) -> dict[str, RunEntry]:
        """Return all runs by name, the newest first."""
        when, found = self._listed
        if (now := time.monotonic()) - when > self._fresh_seconds:
            every = {each.name: each for folder in folders(self.folder) for each in self._in(folder)}
            every |= {name: self._begun(name) for name in self.jobs.names if name not in every}
            found = dict(sorted(every.items(), key=lambda pair: -pair[1].began))
            self._listed = (time.monotonic(), found)
            self._fresh_seconds = max(_FRESH_SECONDS, _IDLE * (self._listed[0] - now))
        return found

    def drawn(self, name: str, key: object, draw: Callable[[], Markup]) -> Markup:
        """Draw a run once for all tabs, and again for another `key`, every few seconds at most."""
        known, when, html = self._drawn.get(name, (None, float("-inf"), Markup()))
        if known != key and time.monotonic() - when > _DRAWN_SECONDS:
            html = draw()
            self._drawn.pop(name, None)
            self._drawn[name] = (key, time.monotonic(), html)
            if len(self._drawn) > _MOST_DRAWN:
                del self._drawn[next(iter(self._drawn))]
        return html

    def find(self, name: str) -> RunEntry:
        """Return the run of that name.

        Raises
        ------
        ConvwrightError
            When the listing has none.
        """
        found = self.listing()
        if name not in found:
            raise unknown("run", name, found, hint=f"runs are looked for in {self.folder}")
        return found[name]

    def training_command(self, texts: Mapping[str, str]) -> commands.RunCommand:
        """Make the command of a training's form, for a folder that does not exist yet.

        Raises
        ------
        ConvwrightError
            For a value that is not to be chosen.
        """
        place = self.folder / commands.RUNS_FOLDER
        there = {f"{commands.RUNS_FOLDER}/{each.name}" for each in place.iterdir()} if place.is_dir() else set()
        return commands.training(texts, there | self.listing().keys())

    def start(self, command: commands.RunCommand) -> None:
        """Start a command.

        Raises
        ------
        ConvwrightError
            When that run is under way, or its output would lie outside of the working folder.
        """
        known = self.listing().get(command.name)
        if known and known.state == RUNNING:
            raise ConvwrightError(f"{command.name} is running already")
        output = self.folder / command.output
        self._require_inside(output)
        self.jobs.start(command.name, command.words, output)
        self._commands[command.name] = command
        self._forget()

    def resume(self, name: str) -> None:
        """Resume a run that was stopped or failed.

        Raises
        ------
        ConvwrightError
            When there is nothing to go on with.
        """
        self.start(self.command_to_resume(name))

    def command_to_resume(self, name: str) -> commands.RunCommand:
        """Return the command that resumes a run.

        Raises
        ------
        ConvwrightError
            When there is none that the studio may give.
        """
        found = self.find(name)
        if found.state not in (STOPPED, FAILED):
            raise ConvwrightError(f"{name} is {found.state}", expected="a run that was stopped or failed")
        if found.training:
            if ":" in found.model or found.data not in commands.choices()["data"]:
                hint = f"python -m convwright train --resume --run {name}"
                raise ConvwrightError(f"{name} is not of the zoo's models and named data", hint=hint)
            return commands.resumed(name, model=found.model, data=found.data)
        if name in self._commands:
            return self._commands[name]
        if found.study and found.folder == self.folder / commands.STUDIES_FOLDER:
            return commands.study({"study": found.study.study, "budget": found.study.budget})
        raise ConvwrightError(f"{name} cannot be gone on with here", hint="give its command again in a terminal")

    def stop(self, name: str) -> None:
        """Interrupt what was started here.

        Raises
        ------
        ConvwrightError
            For anything else.
        """
        self.jobs.stop(name)
        self._forget()

    def report(self, name: str) -> Path:
        """Return the page of a run's report, which is made if it is missing.

        Raises
        ------
        ConvwrightError
            When there is nothing to report yet.
        """
        found = self.find(name)
        page = self._report(found)
        self._require_inside(page)
        return page

    def said(self, found: RunEntry) -> str:
        """Return the last lines of the output of a run that a studio started."""
        path = self.folder / found.name / commands.OUTPUT
        if found.kind == commands.A_STUDY:
            path = self.folder / commands.output_of_study(found.model, found.data)
        return tail(path) if path.resolve().is_relative_to(self.folder) else ""

    def study_result(self, found: RunEntry) -> StudyResult | None:
        """Return the result of a study so far; None if nothing is known.

        Raises
        ------
        ConvwrightError
            When its images are not there.
        """
        return self.studies.result(found.folder / LEDGER, found.study) if found.study else None

    def _report(self, found: RunEntry) -> Path:
        page = found.folder / "report.html"
        if found.training:
            if not found.training.record:
                raise ConvwrightError(f"{found.name} has no report yet", hint="it is written at the end")
            self._require_inside(page)
            spec = found.training.spec
            return page if page.is_file() else write_pictures(found.folder, found.training.record, model=spec.model)
        if found.study:
            result = self.study_result(found)
            plan = self.studies.plan(found.folder / LEDGER, found.study.study, found.study.budget)
            if result is None or plan is None:
                hint = "of runs with other settings, `convwright study report` with the same writes one"
                raise ConvwrightError(f"{found.name} has no finished run to report", hint=hint)
            place = folder_of_report(plan, found.folder)
            self._require_inside(place)
            return write_study_report(place, result, diagrams(plan))
        if not page.is_file():
            raise ConvwrightError(f"{found.name} has no report", hint="give its command again")
        return page

    def _require_inside(self, path: Path) -> None:
        if not path.resolve().is_relative_to(self.folder):
            raise ConvwrightError(f"{path.relative_to(self.folder)} leads out of {self.folder}")

    def _forget(self) -> None:
        self._listed = (float("-inf"), {})

    def _in(self, folder: Path) -> Iterator[RunEntry]:
        name = folder.relative_to(self.folder).as_posix()
        try:
            names = {each.name for each in folder.iterdir()}
            if "run.json" in names:
                found = look_at(folder)
                spec = {"model": str(found.spec.model), "data": str(found.spec.data)}
                began = (folder / "run.json").stat().st_mtime
                yield self._entry(name, commands.A_TRAINING, folder, found.state, began, training=found, **spec)
            elif LEDGER in names and not (folder / LEDGER).is_symlink():
                began = (folder / LEDGER).stat().st_mtime
                for study in self.studies.look_at(folder / LEDGER):
                    spec = {"model": study.study, "data": study.budget}
                    own = f"{name}/{study.study}/{study.budget}"
                    yield self._entry(own, commands.A_STUDY, folder, study.state, began, study=study, **spec)
            elif CARD in names:
                yield transfer_in(name, folder)
        except (ConvwrightError, OSError, ValueError, AttributeError):
            return  # of a folder that is damaged, or gone by now, the command line tells why

    def _begun(self, name: str) -> RunEntry:
        """Return the entry of a run that was started here and has not written anything yet."""
        command, began = self._commands[name], self.jobs.began(name)
        spec = {"model": command.model, "data": command.data}
        return self._entry(name, command.kind, self.folder / name, STOPPED, began, **spec)

    def _entry(self, name: str, kind: str, folder: Path, state: str, began: float, **known: Any) -> RunEntry:
        """Return the entry of a run whose files say its state; of processes of ours more is known."""
        if self.jobs.is_running(name):
            state = RUNNING
        elif state == STOPPED and self.jobs.has_failed(name):
            state = FAILED
        return RunEntry(name=name, kind=kind, folder=folder, state=state, began=began, **known)
