"""The page of runs without a page: which one is open, what the forms say, and everything that is shown."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ...errors import ConvwrightError
from . import commands as orders
from . import fragments
from .explanation import Looks
from .jobs import command
from .run_entry import Found
from .runs import Runs
from .trainings import FINISHED

_FORMS = {**orders.TRAINING, **orders.STUDY}
_LOOK = {"picture": "chelsea", "class": "", "layer": ""}
RUN = "run"


class RunsScreen:
    """What one tab has open.

    Parameters
    ----------
    runs : Runs
        Of all tabs.
    looks : Looks
        Of all tabs.

    Attributes
    ----------
    name : str
        The run that is open; "" for the list.
    problem : str
        Why the last request could not be met; "" when it could.
    can_look : bool
        Whether there was a network to show photographs to when the parts were made last.
    """

    def __init__(self, runs: Runs, looks: Looks) -> None:
        self._runs, self._looks = runs, looks
        self.name = ""
        self.problem = ""
        self.can_look = False
        self._texts: dict[str, str] = {}

    def open(self, query: Mapping[str, str]) -> None:
        """Open what an address says."""
        self.name, self.problem = query.get(RUN, ""), ""
        known = _LOOK if self.name else _FORMS
        self._texts = {name: text for name, text in query.items() if known.get(name, text) != text}

    def set(self, name: str, text: str) -> None:
        """Say something in a form."""
        self.open({**({RUN: self.name} if self.name else {}), **self._texts, name: text})

    def act(self, what: str) -> None:
        """Do what a button is for: "train", "study", "stop" or "resume"; a run that was started is opened."""
        self.problem = ""
        try:
            if what in ("train", "study"):
                order = self._order(what)
                self._runs.start(order)
                self.open({RUN: order.name})
            elif what == "stop":
                self._runs.stop(self.name)
            elif what == "resume":
                self._runs.resume(self.name)
        except ConvwrightError as error:
            self.problem = str(error)

    @property
    def state(self) -> dict[str, Any]:
        """What the script of the page needs."""
        return {
            "title": self.name or "Runs",
            "address": "?" + urlencode({**({RUN: self.name} if self.name else {}), **self._texts}, safe="/"),
            "values": {**(_LOOK if self.name else _FORMS), **self._texts},
            "changed": list(self._texts),
        }

    def forms(self) -> str:
        """What can be started; "" on the page of one run."""
        return "" if self.name else fragments.forms(orders.choices())

    def parts(self) -> dict[str, str]:
        """HTML by the part of the page, as things stand now."""
        self.can_look = False
        if not self.name:
            return {
                "head": fragments.problem(self.problem),
                "main": fragments.listing(self._runs.listing().values(), str(self._runs.folder)),
                **{f"command-{what}": self._command(what) for what in ("train", "study")},
            }
        try:
            found = self._runs.find(self.name)
        except ConvwrightError as error:
            return {"head": fragments.problem(self.problem or str(error)), "main": fragments.nowhere()}
        self.can_look = found.study is None and found.state == FINISHED
        said = self._runs.said(found)
        return {
            "head": fragments.problem(self.problem),
            "main": self._status(found, said),
            "pictures": self._pictures(found),
            "numbers": fragments.numbers(found, said),
        }

    def looking(self) -> str:
        """What the open run's network makes of a photograph. It may take seconds."""
        try:
            network = self._looks.network(self._runs.find(self.name))
        except ConvwrightError as error:
            return fragments.problem(str(error))
        said, look, problem = {**_LOOK, **self._texts}, None, ""
        try:
            look = self._looks.look(network, said["picture"], layer=said["layer"], class_name=said["class"])
        except ConvwrightError as error:
            problem = str(error)
        return fragments.looking(network, self._looks.photographs.names(), look, problem)

    def _order(self, what: str) -> orders.Order:
        if what == "study":
            return orders.study(self._texts_of(orders.STUDY))
        return self._runs.training_order(self._texts_of(orders.TRAINING))

    def _texts_of(self, form: Mapping[str, str]) -> dict[str, str]:
        return {name: text for name, text in self._texts.items() if name in form}

    def _command(self, what: str) -> str:
        try:
            words = self._order(what).words
        except ConvwrightError as error:
            return fragments.command(what, "", str(error))
        known = f"takes {orders.duration(self._texts_of(orders.STUDY))}" if what == "study" else ""
        return fragments.command(what, command(words), known)

    def _status(self, found: Found, said: str) -> str:
        jobs, again, why_not = self._runs.jobs, "", ""
        try:
            again = command(self._runs.order_to_resume(found.name).words)
        except ConvwrightError as error:
            why_not = str(error)
        return fragments.status(
            found, given=jobs.command(found.name), again=again, why_not=why_not,
            is_ours=jobs.is_running(found.name), is_stopping=jobs.is_stopping(found.name), said=said,
        )  # fmt: skip

    def _pictures(self, found: Found) -> str:
        if found.training:
            key: object = (len(found.training.epochs), found.training.run_status)
        elif found.study:
            key = [entry.fingerprint for entry in found.study.entries if not entry.is_open]
        else:
            return ""
        return self._runs.drawn(
            found.name, key, lambda: fragments.curves(found.training) if found.training else self._answer(found)
        )

    def _answer(self, found: Found) -> str:
        try:
            return fragments.study_answer(self._runs.study_result(found))
        except ConvwrightError as error:
            return fragments.problem(str(error))
