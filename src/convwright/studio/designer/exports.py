"""What can be taken along: the network as code, its facts, its picture, its report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...analysis.facts import Analysis
from ...analysis.stages import stages
from ...errors import ConvwrightError, unknown
from ...reports.analysis.page import analysis_page
from ...reports.analysis.picture import network_file
from ...reports.to_json import as_json
from .screen import Shown

_OF_FACTS: Mapping[str, Callable[[Analysis], str]] = {
    "json": lambda analysis: as_json(analysis.to_dict()),
    "svg": lambda analysis: network_file(stages(analysis.ops)),
    "html": analysis_page,
}


@dataclass(frozen=True, kw_only=True)
class Export:
    """A file to take along.

    Attributes
    ----------
    name, text : str
        Of the file.
    """

    name: str
    text: str


def export(shown: Shown, suffix: str) -> Export:
    """What is shown, as a "py", "json", "svg" or "html" file.

    Raises
    ------
    ConvwrightError
        For another suffix; for a network that does not run, of which there are no facts; for code of a network that
        comes from a file.
    """
    if suffix != "py" and suffix not in _OF_FACTS:
        raise unknown("format", suffix, ["py", *_OF_FACTS])
    name = "".join(each if each.isalnum() or each == "_" else "_" for each in shown.view.label)
    if suffix == "py":
        if not shown.code:
            raise ConvwrightError(f"{shown.view.label} is code already", hint="it is in the file that was named")
        return Export(name=f"{name}.py", text=shown.code)
    if shown.view.analysis is None:
        raise ConvwrightError(shown.view.problem)
    return Export(name=f"{name}.{suffix}", text=_OF_FACTS[suffix](shown.view.analysis))
