"""Plan of a study at a budget: its runs, proved fair, each known by a fingerprint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from torch import nn

from ..data import ImageData, load_data
from ..data.sets import Images
from ..data.splits import stratified
from ..errors import ConvwrightError
from ..training import Recipe
from .costs import PlannedArm, planned_arm, require_equal_costs
from .fingerprints import job_fingerprint, measure_fingerprint
from .study import Arm, Budget, Study

Source = str | Callable[[], ImageData]


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run: an arm at a seed.

    Attributes
    ----------
    fingerprint : str
        Changes with everything that the result depends on.
    arm : PlannedArm
    recipe : Recipe
        With all changes and the seed in it.
    num_steps : int
        Optimizer steps of the training.
    """

    fingerprint: str
    arm: PlannedArm
    recipe: Recipe
    num_steps: int

    @property
    def seed(self) -> int:
        """Seed of everything random."""
        return self.recipe.seed


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Runs of a study in their order: all arms of a seed before the next seed.

    Attributes
    ----------
    study : Study
        The question.
    budget : str
        Name of the budget.
    spent : Budget
        That budget, with the data and the number of seeds that were asked for.
    facts : dict
        `ImageData.to_dict` of the images.
    recipe : Recipe
        Recipe that the arms share, the budget's changes and the overrides in it.
    changed : tuple of str
        Everything that is not as the study says it: data, number of seeds, arms, and overrides of the recipe.
    arms : tuple of PlannedArm
        The arms that run, in the study's order.
    jobs : tuple of Job
        The runs.
    """

    study: Study
    budget: str
    spent: Budget
    facts: dict[str, Any]
    recipe: Recipe
    changed: tuple[str, ...]
    arms: tuple[PlannedArm, ...]
    jobs: tuple[Job, ...]

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Fingerprints of the jobs, in order."""
        return tuple(job.fingerprint for job in self.jobs)

    def job(self, fingerprint: str) -> Job:
        """Return the job with a fingerprint."""
        return next(job for job in self.jobs if job.fingerprint == fingerprint)

    def build(self, arm: Arm, *, seed: int = 0) -> nn.Module:
        """Return an arm's network for the plan's images, with its first weights."""
        num_classes, in_channels = len(self.facts["class_names"]), self.facts["image_shape"][0]
        return arm.build(num_classes=num_classes, in_channels=in_channels, seed=seed)

    def load(self) -> ImageData:
        """Return the images, which are always the same.

        Raises
        ------
        ConvwrightError
            When they are not those that the plan was made for.
        """
        data = load_part(self.spent.data, self.spent.most_images)
        if data.fingerprint != self.facts["fingerprint"]:
            raise ConvwrightError(f"data {data.name} changed since the study was planned", hint="run it again")
        return data


def make_plan(
    study: Study,
    *,
    budget: str,
    data: Source | None = None,
    seeds: int | None = None,
    arms: Sequence[str] | None = None,
    overrides: Sequence[str] = (),
) -> Plan:
    """Build every arm, prove the costs equal, and list the runs.

    Parameters
    ----------
    budget : str
        Name of one of the study's budgets; `data` and `seeds` replace what that one says.
    arms : sequence of str, optional
        Only these, and those that they are compared with.
    overrides : sequence of str
        Of the recipe, as `optimizer.lr=0.2`.

    Raises
    ------
    ConvwrightError
        For an unknown arm or budget, an arm that does not build, costs that differ, data that are not there.
    """
    spent, chosen = study.budget(budget), _chosen(study, arms)
    spent = replace(spent, data=spent.data if data is None else data, seeds=spent.seeds if seeds is None else seeds)
    recipes = {arm.name: study.recipe_of(arm, spent, overrides=overrides) for arm in chosen}
    images = load_part(spent.data, spent.most_images)
    planned = tuple(planned_arm(study, arm, images) for arm in chosen)
    require_equal_costs(study, planned)
    common = [study.name, budget, images.fingerprint, *(measure_fingerprint(each) for each in study.measures)]
    jobs = []
    for seed, arm in product(range(spent.seeds), planned):
        recipe = replace(recipes[arm.name], seed=seed)
        mark = job_fingerprint([*common, arm.name, seed, arm.model_fingerprint, recipe.fingerprint])
        jobs.append(Job(fingerprint=mark, arm=arm, recipe=recipe, num_steps=_num_steps(recipe, len(images.train))))
    asked = {"data": data and spent.data_name, "seeds": seeds, "arms": arms and ",".join(arms)}
    changed = (*(f"{name}={value}" for name, value in asked.items() if value), *overrides)
    return Plan(
        study=study,
        budget=budget,
        spent=spent,
        facts=images.to_dict(),
        recipe=study.recipe.with_overrides([*spent.changes, *overrides]),
        changed=changed,
        arms=planned,
        jobs=tuple(jobs),
    )


def load_part(source: Source, most_images: int | None) -> ImageData:
    """Load the images of a name, a path or a function, at most so many of each split.

    The validation images are drawn with the same seed for every run: seeds of a study differ in weights and order.
    """
    data = source() if callable(source) else load_data(source)
    if most_images is None:
        return data
    return replace(
        data,
        train=_some(data.train, most_images, "train"),
        validation=_some(data.validation, most_images, "validation"),
        test=_some(data.test, most_images, "test"),
    )


def _some(images: Images, number: int, purpose: str) -> Images:
    if len(images) <= number:
        return images
    _, drawn = stratified(images.labels, number / len(images), seed=0, purpose=purpose)
    return images.subset(drawn)


def _num_steps(recipe: Recipe, num_images: int) -> int:
    per_epoch = num_images // recipe.batch_size
    if not per_epoch:
        got = f"{num_images} training images"
        raise ConvwrightError(f"batch_size={recipe.batch_size}", expected="at least a batch of images", got=got)
    return recipe.steps or (recipe.epochs or 0) * per_epoch


def _chosen(study: Study, names: Sequence[str] | None) -> tuple[Arm, ...]:
    """Return the arms of these names with those that they are compared with; all where none is named."""
    if not names:
        return study.arms
    wanted = {study.baseline}
    for name in names:
        arm: Arm | None = study.arm(name)
        while arm and arm.name not in wanted:
            wanted.add(arm.name)
            arm = study.compared_with(arm)
    return tuple(arm for arm in study.arms if arm.name in wanted)
