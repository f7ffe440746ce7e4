"""The page of runs without a browser: the list with its forms, or one run."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from markupsafe import Markup

from ...errors import ConvwrightError
from ..web.screen import PageState, Parts
from . import commands, fragments
from .explanation import Explainer, ExplanationChoices
from .jobs import shell_line
from .run_entry import RunEntry
from .runs import Runs
from .trainings import FINISHED

_FORMS = {**commands.TRAINING, **commands.STUDY}
_EXPLANATION = {"picture": "chelsea", "class": "", "layer": ""}
RUN = "run"
_NO_PARTS = dict.fromkeys(("forms", "pictures", "explanation", "numbers"), Markup())


class RunsScreen:
    """Run or forms of one browser tab.

    Parameters
    ----------
    runs : Runs
        Of all tabs.
    explainer : Explainer
        Of all tabs.

    Attributes
    ----------
    name : str
        The run that is open; "" for the list.
    problem : str
        Why the last request could not be met; "" when it could.
    """

    def __init__(self, runs: Runs, explainer: Explainer) -> None:
        self._runs, self._explainer = runs, explainer
        self.name = ""
        self.problem = ""
        self._explained: tuple[object, ...] | None = None  # run and choices that the explanation is of
        self._is_explaining = False
        self._texts: dict[str, str] = {}

    def open(self, query: Mapping[str, str]) -> None:
        """Open what an address says."""
        self.name, self.problem = query.get(RUN, ""), ""
        known = _EXPLANATION if self.name else _FORMS
        self._texts = {name: text for name, text in query.items() if known.get(name, text) != text}

    def set(self, name: str, text: str) -> None:
        """Fill in one field of a form."""
        self.open({**({RUN: self.name} if self.name else {}), **self._texts, name: text})

    def act(self, words: str) -> None:
        """Do what a button is for: "train", "study", "stop" or "resume"; a run that was started is opened."""
        self.problem = ""
        try:
            if words in ("train", "study"):
                command = self._command(words)
                self._runs.start(command)
                self.open({RUN: command.name})
            elif words == "stop":
                self._runs.stop(self.name)
            elif words == "resume":
                self._runs.resume(self.name)
        except ConvwrightError as error:
            self.problem = str(error)

    @property
    def state(self) -> PageState:
        """State for the script of the page."""
        return PageState(
            title=self.name or "Runs",
            address="?" + urlencode({**({RUN: self.name} if self.name else {}), **self._texts}, safe="/"),
            values={**(_EXPLANATION if self.name else _FORMS), **self._texts},
            changed=tuple(self._texts),
            busy=("explanation",) if self._is_explaining else (),
        )

    def draw(self) -> Iterator[Parts]:
        """Draw the list, or a run as things stand now; then what its network makes of a photograph, where it is new."""
        self._is_explaining = False
        if not self.name:
            yield self._list_parts()
            return
        try:
            run = self._runs.find(self.name)
        except ConvwrightError as error:
            problem = fragments.problem(self.problem or str(error))
            yield {**_NO_PARTS, "problem": problem, "status": fragments.nowhere()}
            return
        output = self._runs.said(run)
        parts = {
            "forms": Markup(),
            "problem": fragments.problem(self.problem),
            "status": self._status(run, output),
            "pictures": self._pictures(run),
            "numbers": fragments.numbers(run, output),
        }
        wanted = (run.name, run.began, tuple(self._texts.items()))
        if run.study is not None or run.state != FINISHED:
            yield {**parts, "explanation": Markup()}
        elif self._explained == wanted:
            yield parts
        else:
            self._is_explaining = True
            is_other = self._explained is None or self._explained[:2] != wanted[:2]
            yield {**parts, "explanation": fragments.loading()} if is_other else parts
            explanation = self._explanation(run)
            self._explained, self._is_explaining = wanted, False
            yield {"explanation": explanation}

    def _list_parts(self) -> Parts:
        forms = {what: self._form_command(what) for what in ("train", "study")}
        return {
            **_NO_PARTS,
            "forms": fragments.forms(commands.choices(), forms),
            "problem": fragments.problem(self.problem),
            "status": fragments.listing(self._runs.listing().values(), str(self._runs.folder)),
        }

    def _explanation(self, run: RunEntry) -> Markup:
        """Show a photograph to the run's network. It may take seconds."""
        texts, choices, explanation, problem = {**_EXPLANATION, **self._texts}, None, None, ""
        try:
            steps = self._explainer.steps(run, texts["picture"], layer=texts["layer"], class_name=texts["class"])
            for step in steps:
                if isinstance(step, ExplanationChoices):
                    choices = step
                else:
                    explanation = step
        except ConvwrightError as error:
            problem = str(error)
        if choices is None:
            return fragments.problem(problem)
        return fragments.explanation(choices, self._explainer.photographs.names(), explanation, problem)

    def _command(self, what: str) -> commands.RunCommand:
        if what == "study":
            return commands.study(self._texts_of(commands.STUDY))
        return self._runs.training_command(self._texts_of(commands.TRAINING))

    def _texts_of(self, form: Mapping[str, str]) -> dict[str, str]:
        return {name: text for name, text in self._texts.items() if name in form}

    def _form_command(self, what: str) -> Markup:
        try:
            words = self._command(what).words
        except ConvwrightError as error:
            return fragments.command(what, "", str(error))
        known = f"takes {commands.duration(self._texts_of(commands.STUDY))}" if what == "study" else ""
        return fragments.command(what, shell_line(words), known)

    def _status(self, found: RunEntry, said: str) -> Markup:
        again = why_not = ""
        try:
            again = shell_line(self._runs.command_to_resume(found.name).words)
        except ConvwrightError as error:
            why_not = str(error)
        return fragments.status(found, self._runs.jobs, again=again, why_not=why_not, output=said)

    def _pictures(self, found: RunEntry) -> Markup:
        if found.training:
            key: object = (len(found.training.epochs), found.training.run_status)
        elif found.study:
            key = [entry.fingerprint for entry in found.study.entries if not entry.is_open]
        else:
            return Markup()
        return self._runs.drawn(
            found.name, key, lambda: fragments.curves(found.training) if found.training else self._answer(found)
        )

    def _answer(self, found: RunEntry) -> Markup:
        try:
            return fragments.study_answer(self._runs.study_result(found))
        except ConvwrightError as error:
            return fragments.problem(str(error))
