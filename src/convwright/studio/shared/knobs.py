"""Knobs of a model, read from its config: a new model, layer or field is a knob by itself."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ... import layers
from ...errors import ConvwrightError, require_choice
from ...layers import ACTIVATIONS, HEADS, STEMS, ConvStyle, downsample_names
from ...layers.shortcut import SHORTCUTS
from ...models import NetConfig, config_of
from ...models.resnet import BLOCKS

Kind = Literal["choice", "switch", "whole", "number", "numbers", "rows", "word"]

# The names that a field may take, for fields whose type does not list them.
_CATALOGS: dict[str, Callable[[], tuple[str, ...]]] = {
    "stem": lambda: STEMS,
    "head": lambda: HEADS,
    "downsample": downsample_names,
    "act": lambda: tuple(ACTIVATIONS),
    "shortcut": lambda: SHORTCUTS,
    "block": lambda: tuple(BLOCKS),
}
MODEL, INPUT = "model", "input"  # what an address has besides knobs, and what a file has besides arguments
PINNED, LAYER, PICTURE, FIX = "with", "layer", "picture", "fix"  # what else stands in an address
_LONGEST = 500  # characters of a value
_ATTRIBUTE = re.compile(r"^(\w+(?:, \w+)*)(?: : .*)?$")
_SEE = re.compile(r"See `(\w+)`\.")


@dataclass(frozen=True, kw_only=True)
class Knob:
    """One field of a config.

    Attributes
    ----------
    name : str
        The field, which is also the option of `build`.
    kind : str
        "choice" of `choices`, "switch", "whole" number, "number", "numbers" separated by commas, "rows" of them
        separated by semicolons, or "word".
    default
        Its value in the variant.
    choices : tuple of str
        The names it may take.
    help : str
        What the config says of it.
    is_own : bool
        Whether the family has it alone, rather than every network.
    """

    name: str
    kind: Kind
    default: Any
    choices: tuple[str, ...] = ()
    help: str = ""
    is_own: bool = False

    @property
    def label(self) -> str:
        """The name as words."""
        return self.name.replace("_", " ")

    def read(self, text: str) -> Any:
        """Return the value that `text` stands for.

        Raises
        ------
        ConvwrightError
            When it stands for none.
        """
        text = text.strip()
        if len(text) > _LONGEST:
            raise ConvwrightError(self.name, expected=f"at most {_LONGEST} characters", got=str(len(text)))
        if self.kind in ("choice", "word"):
            if self.choices:
                require_choice(self.name, text, self.choices)
            return text
        if self.kind == "switch":
            require_choice(self.name, text, ("yes", "no"))
            return text == "yes"
        if self.kind == "rows":
            return tuple(self._numbers(row) for row in text.split(";"))
        if self.kind == "numbers":
            return self._numbers(text)
        value = _literal(text)
        if type(value) is int and self.kind == "number":
            return float(value)
        if type(value) is not (int if self.kind == "whole" else float):
            raise self._misread(text)
        return value

    def text(self, value: Any) -> str:
        """`value` as `read` takes it."""
        if self.kind == "switch":
            return "yes" if value else "no"
        if self.kind == "rows":
            return "; ".join(", ".join(map(str, row)) for row in value)
        if self.kind == "numbers":
            return ", ".join(map(str, value))
        short = f"{value:g}" if self.kind == "number" else str(value)
        return short if self.kind != "number" or float(short) == value else repr(value)

    def _numbers(self, text: str) -> tuple[int, ...]:
        values = tuple(_literal(part) for part in text.split(","))
        if not all(type(value) is int for value in values):
            raise self._misread(text)
        return values

    def _misread(self, text: str) -> ConvwrightError:
        words = {
            "whole": "a whole number",
            "number": "a number",
            "numbers": "whole numbers with commas between",
            "rows": "rows of whole numbers, with semicolons between",
        }
        return ConvwrightError(self.name, expected=f"{words[self.kind]}, such as {self.text(self.default)}", got=text)


@cache
def knobs_of(model: str) -> tuple[Knob, ...]:
    """Return the knobs of a model of the zoo: those that every network has, then its family's own.

    A field that is a table of something other than numbers is no knob.

    Raises
    ------
    ConvwrightError
        For a name that is not in the zoo.

    Examples
    --------
    >>> {knob.name: knob.default for knob in knobs_of("resnet18")}["blocks"]
    (2, 2, 2, 2)
    """
    return tuple(_knobs(config_of(model)))


def knobs_of_arguments(arguments: Mapping[str, Any]) -> tuple[Knob, ...]:
    """Return a knob for each argument of a factory that is a number, a switch, a word or a row of whole numbers.

    >>> [(knob.name, knob.kind) for knob in knobs_of_arguments({"width": 32, "norm": "batch", "act": print})]
    [('width', 'whole'), ('norm', 'word')]
    """
    return tuple(
        Knob(name=name, kind=kind, default=value, is_own=True)
        for name, value in arguments.items()
        if name not in (MODEL, INPUT, PINNED, LAYER, PICTURE, FIX) and (kind := _kind(value, ()))
    )


def table_of(model: str) -> str:
    """Return the first line of a config's docstring: "The table of He et al. 2016a."."""
    return (inspect.getdoc(type(config_of(model))) or "").partition("\n")[0]


def _knobs(config: NetConfig) -> Iterator[Knob]:
    shared = {field.name for field in fields(NetConfig)}
    helps = _helps(type(config))
    for field in fields(config):
        default = getattr(config, field.name)
        choices = _choices(type(config), field.name)
        if kind := _kind(default, choices):
            yield Knob(
                name=field.name,
                kind=kind,
                default=default,
                choices=choices,
                help=helps.get(field.name, ""),
                is_own=field.name not in shared,
            )


def _kind(default: Any, choices: tuple[str, ...]) -> Kind | None:
    if isinstance(default, str):
        return "choice" if choices else "word"
    if isinstance(default, bool):
        return "switch"
    if isinstance(default, int | float):
        return "whole" if isinstance(default, int) else "number"
    if isinstance(default, tuple) and default:
        if all(type(item) is int for item in default):
            return "numbers"
        if all(isinstance(row, tuple) and all(type(item) is int for item in row) for row in default):
            return "rows"
    return None


def _choices(config: type, name: str) -> tuple[str, ...]:
    if name in _CATALOGS:
        return _CATALOGS[name]()
    # A family may have narrowed the type to str; its base, or the style it is handed to, knows the names.
    for home in (*config.__mro__, ConvStyle):
        hint = get_type_hints(home).get(name)
        if get_origin(hint) is Literal:
            return tuple(map(str, get_args(hint)))
    return ()


def _helps(config: type) -> dict[str, str]:
    """Return the help of each attribute from the docstrings of a class and its bases, following "See `ConvStyle`."."""
    helps: dict[str, str] = {}
    for home in reversed(config.__mro__):
        for names, words in _attributes(inspect.getdoc(home) or ""):
            seen = _SEE.match(words)
            further = _helps(getattr(layers, seen[1])) if seen and hasattr(layers, seen[1]) else {}
            for name in names:
                helps[name] = further.get(name, words)
    return helps


def _attributes(doc: str) -> Iterator[tuple[list[str], str]]:
    lines = doc.partition("Attributes\n----------\n")[2].splitlines()
    names: list[str] = []
    words: list[str] = []
    for line in [*lines, "end"]:
        if line.startswith(" ") or not line:
            words.append(line.strip())
            continue
        if names:
            yield names, " ".join(words).strip()
        found = _ATTRIBUTE.match(line)
        names, words = found[1].split(", ") if found else [], []


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text.strip())
    except (SyntaxError, ValueError):
        return None
