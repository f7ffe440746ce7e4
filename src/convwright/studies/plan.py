"""A plan: which runs answer a study at a budget, proved fair, each known by a fingerprint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..data import ImageData, load_data
from ..data.sets import Images
from ..data.splits import stratified
from ..errors import ConvwrightError, require_at_least
from ..graph.fingerprint import model_fingerprint
from ..training import Recipe
from .fingerprints import job_fingerprint, measure_fingerprint
from .proof import Costs, costs_of, require_equal
from .study import Study, name_of_data

Source = str | Callable[[], ImageData]


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run: an arm at a seed.

    Attributes
    ----------
    fingerprint : str
        Of all that the result depends on.
    arm : str
        Name of the arm.
    seed : int
        Of everything random.
    recipe : Recipe
        With all changes and the seed in it.
    num_steps : int
        Of the training.
    """

    fingerprint: str
    arm: str
    seed: int
    recipe: Recipe
    num_steps: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be run, in order: all arms of a seed before the next seed.

    Attributes
    ----------
    study : Study
        The question.
    budget : str
        Name of the budget.
    data : str or callable
        Where the images are from.
    most_images : int or None
        See `Budget`.
    facts : dict
        What identifies the data.
    overrides : tuple of str
        Of the recipe, for all arms.
    changed : tuple of str
        All that is not as the study says it: data, number of seeds, arms, and the overrides.
    costs : dict of str to Costs
        Of every arm that runs.
    jobs : tuple of Job
        The runs.
    """

    study: Study
    budget: str
    data: Source
    most_images: int | None
    facts: dict[str, Any]
    overrides: tuple[str, ...]
    changed: tuple[str, ...]
    costs: dict[str, Costs]
    jobs: tuple[Job, ...]

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Of the jobs, in order."""
        return tuple(job.fingerprint for job in self.jobs)

    def job(self, fingerprint: str) -> Job:
        """The job with a fingerprint."""
        return next(job for job in self.jobs if job.fingerprint == fingerprint)

    def load(self) -> ImageData:
        """The images; always the same.

        Raises
        ------
        ConvwrightError
            When they are not those that the plan was made for.
        """
        data = load_part(self.data, self.most_images)
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
        A name of `study.budgets`.
    data, seeds : optional
        Other data, or another number of seeds, than the budget's.
    arms : sequence of str, optional
        Only these, and those that they are compared with.
    overrides : sequence of str
        Of the recipe, as `optimizer.lr=0.2`.

    Raises
    ------
    ConvwrightError
        For an unknown arm or budget, an arm that does not build, costs that differ, data that are not there.
    """
    spent = study.budget(budget)
    names = _chosen(study, arms)
    number = spent.seeds if seeds is None else seeds
    require_at_least("seeds", number, 1)
    source = spent.data if data is None else data
    runs = [(name, seed) for seed in range(number) for name in names]
    recipes = {run: study.recipe_of(run[0], budget, overrides=overrides, seed=run[1]) for run in runs}
    images = load_part(source, spent.most_images)
    costs, models = _analyzed(study, names, images)
    require_equal(study, costs)
    common = [study.name, budget, images.fingerprint, *(measure_fingerprint(each) for each in study.measures)]
    return Plan(
        study=study, budget=budget, data=source, most_images=spent.most_images, facts=images.to_dict(),
        overrides=tuple(overrides), changed=_changed(data, seeds, arms, overrides), costs=costs,
        jobs=tuple(
            Job(
                fingerprint=job_fingerprint([*common, name, seed, models[name], recipe.fingerprint]), arm=name,
                seed=seed, recipe=recipe, num_steps=_num_steps(recipe, len(images.train)),
            )
            for (name, seed), recipe in recipes.items()
        ),
    )  # fmt: skip


def _analyzed(study: Study, names: Sequence[str], images: ImageData) -> tuple[dict[str, Costs], dict[str, str]]:
    """Costs and fingerprint of every arm's network."""
    costs, models = {}, {}
    for name in names:
        arm = study.arm(name)
        model = arm.build(num_classes=images.num_classes, in_channels=images.image_shape[0], seed=0)
        costs[name] = costs_of(arm, model, images.image_shape)
        models[name] = model_fingerprint(model, images.image_shape)
    return costs, models


def load_part(source: Source, most_images: int | None) -> ImageData:
    """The images of a name, a path or a function, at most so many of each part.

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


def _chosen(study: Study, arms: Sequence[str] | None) -> tuple[str, ...]:
    if not arms:
        return study.arm_names
    wanted = {study.baseline}
    for name in arms:
        following: str | None = study.arm(name).name
        while following and following not in wanted:
            wanted.add(following)
            following = study.compared_with(following)
    return tuple(name for name in study.arm_names if name in wanted)


def _changed(
    data: Source | None, seeds: int | None, arms: Sequence[str] | None, overrides: Sequence[str]
) -> tuple[str, ...]:
    """What was asked for beyond what the study says, as a report shows it."""
    said = []
    if data is not None:
        said.append(f"data={name_of_data(data)}")
    if seeds is not None:
        said.append(f"seeds={seeds}")
    if arms:
        said.append(f"arms={','.join(arms)}")
    return (*said, *overrides)
