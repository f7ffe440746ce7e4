"""Checkpoint to continue a run from: refused if the run is not the same, unless it is forced."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..data.sets import ImageData
from ..errors import ConvwrightError
from .checkpoint import Checkpoint, checkpoints_in, newest_checkpoint
from .layer_groups import LayerGroup
from .precision import Numerics
from .recipe import Recipe, differences

CHECKPOINTS = "checkpoints"


@dataclass(frozen=True, kw_only=True, eq=False)
class Resumed:
    """A checkpoint to go on from, and what to tell of it."""

    checkpoint: Checkpoint
    notes: tuple[str, ...]

    def numerics(self, recipe: Recipe) -> Numerics | None:
        """Return the numerics of the run, or None if the recipe now asks for others."""
        before = self.checkpoint.state["recipe"]
        if (before["precision"], before["channels_last"]) != (recipe.precision, recipe.channels_last):
            return None
        return Numerics(**self.checkpoint.state["numerics"])


def find_start(
    folder: Path, data: ImageData, recipe: Recipe, layer_groups: Sequence[LayerGroup] = (), *, resume: bool, force: bool
) -> Resumed | None:
    """Find the newest whole checkpoint of `folder`; None if nothing was written yet.

    Parameters
    ----------
    resume : bool
        Without it, a folder with checkpoints is refused.
    force : bool
        Go on though the recipe or the data changed: what comes out is then neither the old run nor the new one, and
        the record says so. Changed layer groups are refused all the same, since the optimizer's state goes by them.

    Raises
    ------
    ConvwrightError
        With the reason for which the run cannot go on.
    """
    place = folder / CHECKPOINTS
    if not resume:
        if checkpoints_in(place):
            raise ConvwrightError(f"{folder} holds a run already", hint="resume it, or choose another folder")
        return None
    checkpoint, notes = newest_checkpoint(place)
    if checkpoint is None:
        return None
    if changed_groups := "; ".join(_changes_of_layer_groups(checkpoint, layer_groups)):
        hint = "go back to what they were, or choose another folder"
        raise ConvwrightError(f"{folder} cannot be resumed: {changed_groups}", hint=hint)
    if changes := "; ".join(_changes(checkpoint, data, recipe)):
        if not force:
            hint = "go back to what it was, choose another folder, or force it and have a run that is neither"
            raise ConvwrightError(f"{folder} cannot be resumed: {changes}", hint=hint)
        notes += (f"forced to go on from step {checkpoint.state['progress']['step']} though {changes}",)
    return Resumed(checkpoint=checkpoint, notes=notes)


def _changes_of_layer_groups(checkpoint: Checkpoint, layer_groups: Sequence[LayerGroup]) -> list[str]:
    state = checkpoint.state  # earlier checkpoints call them parts, or are of runs without
    before = state.get("layer_groups", state.get("parts", []))
    after = json.loads(json.dumps([asdict(group) for group in layer_groups]))
    numbered = [{str(number): group for number, group in enumerate(each, start=1)} for each in (before, after)]
    return differences(numbered[0], numbered[1], "layer_groups.")


def _changes(checkpoint: Checkpoint, data: ImageData, recipe: Recipe) -> list[str]:
    before, after = dict(checkpoint.state["recipe"]), json.loads(json.dumps(recipe.to_dict()))
    before["name"] = after["name"]  # what it is called changes nothing
    found = differences(before, after)
    if checkpoint.state["data"] != data.fingerprint:
        found.append(f"the data changed (fingerprint was {checkpoint.state['data']}, now {data.fingerprint})")
    return found
