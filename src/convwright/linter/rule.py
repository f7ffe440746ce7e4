"""Base classes of rules. A rule is one file, whose docstring and examples are its page and its first tests."""

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from ..graph import Op
from .finding import Finding, Fix, Gain, Severity
from .linted_network import LintedNetwork
from .settings import Settings


@dataclass(frozen=True, kw_only=True)
class Example:
    """A small network, as source: it is shown on the rule's page, and linted by the tests.

    Attributes
    ----------
    source : str
        An expression, or classes the last of which is `Net`. `torch`, `nn` and `F` are imported for it.
    inputs : tuple of int
        Shape of its input, batch included.
    settings : Settings
        What the example is linted with.
    """

    source: str
    inputs: tuple[int, ...] = (2, 3, 32, 32)
    settings: Settings = field(default_factory=Settings)

    @property
    def text(self) -> str:
        """The example as it is printed."""
        return inspect.cleandoc(self.source)

    def with_changes(self, changes: Mapping[str, str]) -> "Example":
        r"""Return the example with each of these texts, which stands in it once, replaced by another.

        Every line of a text is indented as its first line is in the example. A line replaced by "" is removed.

        >>> net = Example(source="nn.Sequential(\n    nn.Linear(4, 4),\n    nn.ReLU(),\n)")
        >>> print(net.with_changes({"nn.Linear(4, 4),": "nn.Linear(4, 8),\nnn.Tanh(),", "nn.ReLU(),": ""}).text)
        nn.Sequential(
            nn.Linear(4, 8),
            nn.Tanh(),
        )
        """
        text = self.text
        for old, new in changes.items():
            places = list(re.finditer(r"\n *".join(map(re.escape, old.split("\n"))), text))
            if len(places) != 1:
                raise AssertionError(f"{old!r} stands {len(places)} times in the example, not once")
            start, end = places[0].span()
            line = text.rfind("\n", 0, start) + 1
            if not new:
                text = text[:line] + text[text.find("\n", end) + 1 :]
                continue
            indent = text[line : len(text) - len(text[line:].lstrip(" "))]
            text = text[:start] + new.replace("\n", f"\n{indent}") + text[end:]
        return replace(self, source=f"\n{text}")

    @property
    def module(self) -> str:
        """The example as a Python file that defines `Net`."""
        header = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"
        if re.search(r"^class Net\b", self.text, re.MULTILINE):
            return f"{header}{self.text}\n"
        body = self.text.replace("\n", "\n    ")
        return f"{header}def Net():\n    return {body}\n"


TOPICS = ("shape", "field", "normalization", "cost", "blocks", "head", "pooling", "deployment")


class Rule(ABC):
    """A pattern worth telling the designer of a network about.

    The class docstring has, in this order: *what* (one sentence), a paragraph `Why:`, a paragraph `Source:` (paper and
    section, or a measurement), and, where there is something to add, `Fix:`. The file gives the name, with dashes.

    Attributes
    ----------
    code : str
        CW and three digits, the first of which is the place of the rule's topic in `TOPICS`, from 1.
    severity : Severity
        Error: does not work. Warning: costs accuracy, memory or time for nothing. Advice: often better otherwise.
    bad, good : Example
        The same network with and without the pattern.
    is_default : bool
        Whether it is on unless asked for.
    reads_failures : bool
        Whether it explains networks that do not run, rather than judge ones that do.
    """

    code: ClassVar[str]
    severity: ClassVar[Severity]
    bad: ClassVar[Example]
    good: ClassVar[Example]
    is_default: ClassVar[bool] = True
    reads_failures: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """The file's name with dashes: `bias-before-norm`."""
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    @property
    def topic(self) -> str:
        """The folder it is in."""
        return type(self).__module__.split(".")[-2]

    @abstractmethod
    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """Every place of the network that has the pattern."""

    def finding(
        self,
        place: Op | str,
        message: str,
        *,
        fix: Fix | None = None,
        gain: Gain | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this rule at an op, or at the module with this path."""
        op = place if isinstance(place, Op) else None
        return Finding(
            code=self.code,
            name=self.name,
            severity=severity or self.severity,
            path=place.path if isinstance(place, Op) else place,
            op=op,
            message=message,
            fix=fix,
            gain=gain or Gain(),
        )

    def page(self) -> Mapping[str, str]:
        """The paragraphs of the docstring: "what", "why", "source" and, where given, "fix"."""
        paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", inspect.getdoc(type(self)) or "")]
        named = (part.partition(": ") for part in paragraphs[1:])
        return {"what": paragraphs[0]} | {key.lower(): text[:1].upper() + text[1:] for key, _, text in named}


class OpRule(Rule):
    """A rule that looks at the ops of some kinds, one at a time."""

    kinds: ClassVar[tuple[str, ...]]

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """Every op of these kinds that has the pattern."""
        for op in net.ops_of(*self.kinds):
            yield from self.check_op(op, net)

    @abstractmethod
    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """Yield the findings about one op."""
