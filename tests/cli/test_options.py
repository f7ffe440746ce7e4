"""One option, one name: across all verbs, an option of a name is the same option."""

import inspect
from collections import defaultdict
from pathlib import Path
from types import NoneType
from typing import NamedTuple, get_args, get_type_hints

import pytest
import typer
from typer.models import OptionInfo

from convwright.cli.main import app

WRITING = {"analyze", "compare", "draw", "lint", "field", "export", "study run", "study report"}
RUNNING = {"train", "transfer", "study run", "study status", "study report", "study compare"}


class Use(NamedTuple):
    """An option of a verb."""

    verb: str
    names: tuple[str, ...]
    kind: object
    help: str | None
    metavar: str | None


def verbs(app: typer.Typer, group: str = ""):
    for command in app.registered_commands:
        yield f"{group} {command.name}".strip(), command.callback
    for inner in app.registered_groups:
        yield from verbs(inner.typer_instance, inner.name)


def options(verb, function):
    hints = get_type_hints(function, include_extras=True)
    for name in inspect.signature(function).parameters:
        kind, *more = get_args(hints[name]) if hasattr(hints[name], "__metadata__") else (hints[name],)
        for info in more:
            if isinstance(info, OptionInfo):
                inside = [each for each in get_args(kind) if each is not NoneType] if NoneType in get_args(kind) else []
                # Inside Annotated, the first name is where a default would be.
                first = [info.default] if isinstance(info.default, str) else []
                words = (*first, *(info.param_decls or ())) or (f"--{name.replace('_', '-')}",)
                yield Use(verb, words, inside[0] if inside else kind, info.help, info.metavar)


VERBS = dict(verbs(app))
USES = defaultdict(list)
for verb, function in VERBS.items():
    for use in options(verb, function):
        USES[use.names[0]].append(use)
SHARED = sorted(name for name, uses in USES.items() if len(uses) > 1)


def test_there_is_something_to_check():
    assert len(VERBS) > 15
    assert {"--data", "--input", "--latency", "--output", "--run", "--set"} <= set(SHARED)


def test_what_a_verb_writes_is_output():
    assert {use.verb for use in USES["--output"]} == WRITING
    assert {use.names for use in USES["--output"]} == {("--output", "-o")}


def test_the_folder_of_a_run_is_run():
    assert {use.verb for use in USES["--run"]} == RUNNING


def test_no_other_option_is_a_path_but_a_photograph():
    assert {name for name, uses in USES.items() if any(use.kind is Path for use in uses)} == {
        "--output",
        "--run",
        "--image",
    }


@pytest.mark.parametrize("name", SHARED)
def test_an_option_is_the_same_in_every_verb(name):
    uses = USES[name]
    assert len({use.help for use in uses}) == 1
    if name != "--format":  # the choice of formats is each verb's own
        assert len({use.metavar for use in uses}) == 1
        assert len({str(use.kind) for use in uses}) == 1
