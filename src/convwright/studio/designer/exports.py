"""Files to download: the network as code, its facts, its picture, its report."""

from collections.abc import Callable, Mapping

from ...analysis.facts import Analysis
from ...analysis.stages import stages
from ...errors import ConvwrightError, unknown
from ...reports.analysis.page import analysis_page
from ...reports.analysis.picture import network_file
from ...reports.to_json import as_json
from ..shared.view import View
from ..web.screen import Download

_OF_FACTS: Mapping[str, Callable[[Analysis], str]] = {
    "json": lambda analysis: as_json(analysis.to_dict()),
    "svg": lambda analysis: network_file(stages(analysis.ops)),
    "html": analysis_page,
}


def export(view: View, code: str, suffix: str) -> Download:
    """Return a view, or its code, as a "py", "json", "svg" or "html" file.

    Raises
    ------
    ConvwrightError
        For another suffix; for a network that does not run, of which there are no facts; for code of a network that
        comes from a file.
    """
    if suffix != "py" and suffix not in _OF_FACTS:
        raise unknown("format", suffix, ["py", *_OF_FACTS])
    name = "".join(each if each.isalnum() or each == "_" else "_" for each in view.label)
    if suffix == "py":
        if not code:
            raise ConvwrightError(f"{view.label} is code already", hint="it is in the file that was named")
        return Download(name=f"{name}.py", text=code)
    if view.analysis is None:
        raise ConvwrightError(view.problem)
    return Download(name=f"{name}.{suffix}", text=_OF_FACTS[suffix](view.analysis))
