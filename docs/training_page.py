"""The page of data and training: fields, presets and named sets as the code has them."""

import ast
import dataclasses
import inspect
from itertools import pairwise
from pathlib import Path
from string import Template

import keep_run
from markdown import table

from convwright.data.augment import Augmentation
from convwright.data.prepare import MEMORY_BYTES
from convwright.data.sources.find import LAYOUTS
from convwright.data.sources.named import NAMED
from convwright.training import PRESETS, LayerGroup, OptimizerRecipe, Recipe, ScheduleRecipe, presets
from convwright.training.loggers import LOGGERS
from convwright.units import bytes_

HERE = Path(__file__).parent


def training_page() -> str:
    return Template((HERE / "templates/training.md").read_text(encoding="utf-8")).substitute(
        recipe=_fields(Recipe, "", leave_out=("optimizer, schedule, augmentation", "name")),
        optimizer=_fields(OptimizerRecipe, "optimizer."),
        schedule=_fields(ScheduleRecipe, "schedule."),
        augmentation=_fields(Augmentation, "augmentation."),
        layer_group=_fields(LayerGroup, ""),
        presets=_presets(),
        reached=_reached(),
        layouts="".join(f"- {layout.title}\n" for layout in LAYOUTS),
        named=_named(),
        memory=bytes_(MEMORY_BYTES),
        loggers=", ".join(LOGGERS),
    )


def _reached() -> str:
    """What runs that were kept have reached."""
    rows = []
    for run in keep_run.runs():
        test, data = run["test"], run["data"]
        low, high = (100 * edge for edge in test["accuracy_interval_95"])
        rows.append(
            [
                f"`{run['command']}`", f"{data['num_images']['train']:,}", str(len(run["epochs"])),
                f"{100 * test['accuracy']:.2f} ({low:.2f} to {high:.2f}, n = {test['num_images']:,})",
                f"{run['date']}, torch {run['environment']['torch']}, {run['numerics']['precision']}", data["note"],
            ]
        )  # fmt: skip
    return table(["run", "training images", "epochs", "test accuracy, %", "made", "of the data"], rows)


def _fields(kind: type, place: str, leave_out: tuple[str, ...] = ()) -> str:
    """A row for each entry of a dataclass's `Attributes`, with the defaults."""
    defaults = {each.name: each.default for each in dataclasses.fields(kind)}
    rows = []
    for names, what, words in _attributes(kind):
        if names not in leave_out:
            fields = names.split(", ")
            values = ", ".join(_shown(defaults[name]) for name in fields)
            rows.append([", ".join(f"`{place}{name}`" for name in fields), what, values, words])
    return table(["field", "type", "default", "what it is"], rows)


def _attributes(kind: type) -> list[tuple[str, str, str]]:
    """Names, types and words of the entries under `Attributes` in a docstring."""
    text = (inspect.getdoc(kind) or "").split("Attributes\n----------\n")[1].split("\n\n")[0]
    found: list[tuple[str, str, str]] = []
    for line in text.splitlines():
        if line.startswith(" "):
            names, what, words = found[-1]
            found[-1] = names, what, f"{words} {line.strip()}".strip()
        else:
            names, _, what = line.partition(" : ")
            found.append((names, what.replace("{", "").replace("}", ""), ""))
    return found


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return {None: "none", (): "none", "": "none", dataclasses.MISSING: ""}.get(value, str(value))  # type: ignore[call-overload]


def _presets() -> str:
    """A table, then what the source says of each: whose it is, and what it reached."""
    rows = []
    for name, each in PRESETS.items():
        length = f"{each.epochs} epochs" if each.epochs else f"{each.steps:,} steps"
        given = dataclasses.asdict(each.augmentation)
        changes = [key if value is True else f"{key}={value}" for key, value in given.items() if value]
        optimizer = f"{each.optimizer.name}, lr {each.optimizer.lr:g}"
        rows.append([f"`{name}`", length, str(each.batch_size), optimizer, each.schedule.name, ", ".join(changes)])
    titles = ["preset", "length", "batch", "optimizer", "schedule", "augmentation"]
    words = _said_of_presets()
    return table(titles, rows) + "".join(f"\n**`{name}`**: {words[name]}\n" for name in PRESETS)


def _said_of_presets() -> dict[str, str]:
    """The string below each preset in the source, which Python itself forgets."""
    body = ast.parse(inspect.getsource(presets)).body
    found = {}
    for node, after in pairwise(body):
        if isinstance(node, ast.Assign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            (target,) = node.targets
            found[getattr(presets, ast.unparse(target)).name] = str(after.value.value).strip()
    return found


def _named() -> str:
    rows = [
        ["`cifar10-mini`", "ships: 5,000 and 1,000 photographs of CIFAR-10 as JPEG", "", "test"],
        ["`digits`", "ships with scikit-learn: 1,797 gray images of 8x8", "", "a fifth, always the same"],
    ]
    for name, each in NAMED.items():
        config = f", {each.config}" if each.config else ""
        folders = ", ".join(f"`{folder}`" for folder in (name, *each.folders))
        rows.append([f"`{name}`", f"`{each.hub_id}`{config}", folders, each.test])
    return table(["name", "on the Hugging Face Hub", "folder in `CONVWRIGHT_DATA`", "tested on"], rows)
