"""`[tool.convwright]` of pyproject.toml: settings for all models and for single ones."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ConvwrightError, unknown
from ..files import read_text
from ..networks.reading.installed import is_source_file
from .engine import selected
from .settings import Settings

_SETTINGS = {"select": list, "ignore": list, "loss": str, "target": str, "object-px": int}
_OF_A_MODEL = {**_SETTINGS, "input": list, "arg": dict}
_KEYS = {**_SETTINGS, "models": list, "exclude": list, "per-model": dict}
_WORDS = {list: "a list of strings", str: "a string", int: "a whole number", dict: "a table"}


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings of pyproject.toml.

    Attributes
    ----------
    file : Path or None
        Where it was found.
    models : tuple of str
        What to lint when nothing is named, and the factories of a file that is named whole.
    exclude : tuple of str
        Patterns of files that are left out of folders.
    """

    file: Path | None = None
    models: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    _general: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _per_model: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    def settings(self, model: str, given: Mapping[str, Any]) -> Settings:
        """The settings for a model: of its own table where it has one, under what was `given` on the command line."""
        merged = {**self._general, **self._own(model), **given}
        words: dict[str, Any] = {key.replace("-", "_"): value for key, value in merged.items() if key in _SETTINGS}
        words |= {key: tuple(value) for key, value in words.items() if isinstance(value, list)}
        return Settings(**words)

    def inputs(self, model: str) -> list[str]:
        """The input shapes of a model's own table, as text."""
        return list(self._own(model).get("input", ()))

    def arguments(self, model: str) -> dict[str, Any]:
        """The factory's arguments of a model's own table."""
        return dict(self._own(model).get("arg", {}))

    def models_of(self, file: str) -> list[str]:
        """The listed models that come from a file."""
        wanted = os.path.realpath(file)
        return [text for text in self.models if os.path.realpath(text.rpartition(":")[0]) == wanted]

    def _own(self, model: str) -> Mapping[str, Any]:
        return self._per_model.get(_key(model), {})


def find_config(start: Path) -> Config:
    """The `[tool.convwright]` table of the nearest pyproject.toml at or above `start`.

    Raises
    ------
    ConvwrightError
        When the file is not TOML, or says something that is not known.
    """
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            return _read(file)
    return Config()


def _read(file: Path) -> Config:
    try:
        tools = tomllib.loads(read_text(file)).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        raise ConvwrightError(f"{file} is not TOML: {error}") from error
    except OSError as error:
        raise ConvwrightError(f"{file} cannot be read ({error.strerror})") from error
    table = tools.get("convwright", {}) if isinstance(tools, dict) else {}
    _check(table, _KEYS, f"[tool.convwright] of {file}")
    per_model = table.get("per-model", {})
    for name, own in per_model.items():
        _check(own, _OF_A_MODEL, f"[tool.convwright.per-model.{name!r}] of {file}")
    config = Config(
        file=file,
        models=tuple(_from_here(text, file.parent) for text in table.get("models", ())),
        exclude=tuple(table.get("exclude", ())),
        _general={key: value for key, value in table.items() if key in _SETTINGS},
        _per_model={_key(_from_here(name, file.parent)): own for name, own in per_model.items()},
    )
    for name in ("", *(_from_here(name, file.parent) for name in per_model)):
        try:
            selected(config.settings(name, {}))
        except ConvwrightError as error:
            raise ConvwrightError(f"{file}: {error}") from error
    return config


def _from_here(model: str, folder: Path) -> str:
    """A model as it is named from the current folder: pyproject.toml names files from its own."""
    source, colon, name = model.rpartition(":") if ":" in model else (model, "", "")
    return f"{os.path.relpath(folder / source)}{colon}{name}" if is_source_file(source) else model


def _key(model: str) -> str:
    """The same text for every way to write the path of a file."""
    source, _, name = model.rpartition(":")
    return f"{os.path.realpath(source)}:{name}" if is_source_file(source) else model


def _check(table: object, known: Mapping[str, type], where: str) -> None:
    if not isinstance(table, dict):
        raise ConvwrightError(where, expected="a table", got=repr(table))
    for key, value in table.items():
        if key not in known:
            raise unknown(f"key of {where}:", key, known)
        if not isinstance(value, known[key]) or isinstance(value, bool):
            raise ConvwrightError(f"{key} in {where}", expected=_WORDS[known[key]], got=repr(value))
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise ConvwrightError(f"{key} in {where}", expected="a list of strings", got=repr(value))
