"""`# convwright: ignore[CW401]` at the end of a line of the source."""

import linecache
import re

from ..graph.call_sites import CallSite
from .finding import Finding

_COMMENT = re.compile(r"#\s*convwright:\s*ignore(?:\[([^\]]*)\])?")


def is_ignored(finding: Finding, site: CallSite | None) -> bool:
    """Return True if a comment where the module is constructed, or on the line that calls it, waives the finding."""
    lines = [(place.file, place.line) for place in (finding.built, finding.called) if place]
    if site is not None:
        lines += [(site.file, line) for line in range(site.line, site.end_line + 1)]
    return any(waives(linecache.getline(file, line), finding.code, finding.name) for file, line in dict.fromkeys(lines))


def waives(line: str, code: str, name: str) -> bool:
    """Return True if the comment on a line names this rule, by code, beginning of the code, or name; or all rules.

    >>> waives("self.conv = nn.Conv2d(3, 8, 3)  # convwright: ignore[CW301, CW4]", "CW401", "head")
    True
    >>> waives("x = x + 1  # convwright: ignore", "CW401", "head"), waives("x = x + 1", "CW401", "head")
    (True, False)
    """
    found = _COMMENT.search(line)
    if found is None:
        return False
    if found[1] is None:
        return True
    texts = [text.strip() for text in found[1].split(",") if text.strip()]
    return any(text == name or code.startswith(text) for text in texts)
