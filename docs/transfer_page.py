"""The page of transfer: the strategies as the code has them, and the results that are kept."""

import inspect
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

from pictures import Picture, digest_of, is_of

from convwright.reports.to_markdown import markdown_table
from convwright.reports.transfer.page import picture_makers, transfer_markdown
from convwright.transfer_learning import STRATEGIES
from convwright.transfer_learning.summary import TransferSummary

HERE = Path(__file__).parent
KEPT = HERE / "transfer"
PHOTOGRAPHS = ("mistakes.png", "right.png")  # pictures that cannot be drawn again without the network
_WORDS = {
    "learning_curve.png": "Test accuracy against training images",
    "mistakes.png": "The mistakes that the network is surest of, and by Grad-CAM what speaks for the wrong class",
    "right.png": "Right answers that it is surest of, and what speaks for them",
    "confusion.png": "How often each class (row) was taken for each (column)",
}


def transfer_page() -> str:
    """The whole of it."""
    results = "\n\n".join(_result(path) for path in sorted(KEPT.glob("*.json")))
    return Template((HERE / "templates/transfer.md").read_text(encoding="utf-8")).substitute(
        strategies=_strategies(), results=results or "None yet.\n"
    )


def wanted_pictures() -> dict[Path, Picture]:
    """What draws the pictures of the kept results, by file."""
    wanted = {}
    for path in KEPT.glob("*.json"):
        makers = picture_makers(_result_of(path))
        wanted |= {_picture(path, kind): (make, digest_of(path)) for kind, make in makers.items()}
    return wanted


def kept_photographs() -> Iterator[Path]:
    """Pictures of images that belong to a kept result."""
    for path in KEPT.glob("*.json"):
        yield from (_picture(path, kind) for kind in PHOTOGRAPHS if is_of(_picture(path, kind), digest_of(path)))


def _strategies() -> str:
    rows = []
    for name, strategy in STRATEGIES.items():
        learn = strategy.learn.func if isinstance(strategy.learn, partial) else strategy.learn
        source = (inspect.getdoc(learn) or "").partition("Source: ")[2]
        rows.append([f"`{name}`", strategy.title, " ".join(source.split())])
    return markdown_table(("strategy", "what learns", "source"), rows) + "\n"


def _result(path: Path) -> str:
    """A report as a section, with the pictures after its first table."""
    result = _result_of(path)
    text = re.sub(r"^#", "##", transfer_markdown(result), flags=re.MULTILINE)
    title, _, text = text.partition("\n")
    before, heading, after = text.partition("\n### Strategies\n")
    first, rest = after.split("\n\n### ", 1)
    shown = [kind for kind in _WORDS if kind in _kinds(path, result)]
    pictures = "\n\n".join(f"![{_WORDS[kind]}](transfer/{_picture(path, kind).name})" for kind in shown)
    return f"{title}, {_read(path)['date']}\n{before}{heading}{first}\n\n{pictures}\n\n### {rest}"


def _kinds(path: Path, result: TransferSummary) -> set[str]:
    return {*picture_makers(result), *(kind for kind in PHOTOGRAPHS if _picture(path, kind) in set(kept_photographs()))}


def _picture(path: Path, kind: str) -> Path:
    return path.with_name(f"{path.stem}-{kind}")


def _result_of(path: Path) -> TransferSummary:
    return TransferSummary.from_dict(_read(path)["result"])


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
