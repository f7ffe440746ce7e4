"""Commands that can be started, made from forms; every value is looked up."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain

from ...data.sources.find import local_data_names
from ...errors import ConvwrightError, require_choice
from ...models import model_names
from ...studies import studies, study_named
from ...training import PRESETS

A_TRAINING, A_STUDY = "training", "study"
OUTPUT = "output.txt"
_MOST = 1_000_000  # of epochs, steps and seeds
TRAINING = {
    "network": "speed_cnn",
    "data": "cifar10-mini",
    "recipe": "cifar-fast",
    "length": "2",
    "unit": "epochs",
    "seed": "0",
}
"""Fields of the form of a training, at their defaults."""

STUDY = {"study": "pooling", "budget": "quick"}
RUNS_FOLDER, STUDIES_FOLDER = "runs", "convwright-studies"


@dataclass(frozen=True, kw_only=True)
class RunCommand:
    """A command to start.

    Attributes
    ----------
    name : str
        Of the run, as the listing has it.
    kind : {"training", "study"}
    model, data : str
        Of the training; name and budget of the study.
    words : tuple of str
        After `convwright`.
    output : str
        File that gets what it says, below the working folder.
    """

    name: str
    kind: str
    model: str
    data: str
    words: tuple[str, ...]
    output: str


def choices() -> dict[str, list[str]]:
    """Return the choices of each field that is not a number."""
    return {
        "network": model_names(),
        "data": local_data_names(),
        "recipe": list(PRESETS),
        "unit": ["epochs", "steps"],
        "study": list(studies()),
        "budget": list(dict.fromkeys(budget for each in studies().values() for budget in each.budgets)),
    }


def training(texts: Mapping[str, str], taken: Collection[str] = ()) -> RunCommand:
    """Make the command of a training.

    Parameters
    ----------
    texts : mapping of str to str
        Fields that do not say what `TRAINING` has.
    taken : collection of str
        Names that runs have already.

    Raises
    ------
    ConvwrightError
        For a value that is not to be chosen.

    Examples
    --------
    >>> training({"unit": "steps", "length": "8"}).words[-6:]
    ('--set', 'steps=8', '--seed', '0', '--run', 'runs/speed_cnn-cifar10-mini-0')
    """
    said = {**TRAINING, **texts}
    for name, known in choices().items():
        if name in said:
            require_choice(name, said[name], known)
    length, seed = _number("length", said["length"], 1), _number("seed", said["seed"], 0)
    stem = f"{RUNS_FOLDER}/{said['network']}-{said['data']}-{seed}"
    name = next(each for each in (stem, *(f"{stem}-{n}" for n in range(2, _MOST))) if each not in taken)
    options = {
        "--model": said["network"],
        "--data": said["data"],
        "--recipe": said["recipe"],
        "--set": f"{said['unit']}={length}",
        "--seed": str(seed),
        "--run": name,
    }
    words = ("train", *chain.from_iterable(options.items()))
    return RunCommand(
        name=name, kind=A_TRAINING, model=said["network"], data=said["data"], words=words, output=f"{name}/{OUTPUT}"
    )


def study(texts: Mapping[str, str]) -> RunCommand:
    """Make the command of a study; started again, it resumes.

    Raises
    ------
    ConvwrightError
        For a study or budget that is not to be chosen.

    Examples
    --------
    >>> study({"study": "head", "budget": "smoke"}).words
    ('study', 'run', 'head', '--budget', 'smoke')
    """
    said = {**STUDY, **texts}
    name, budget = said["study"], said["budget"]
    data = study_named(name).budget(budget).data
    if isinstance(data, str) and data not in local_data_names():
        hint = "let CONVWRIGHT_DATA name a folder that holds it, or give the command in a terminal"
        raise ConvwrightError(f"{name} at {budget} trains on {data}", got="no such images on this machine", hint=hint)
    return RunCommand(
        name=f"{STUDIES_FOLDER}/{name}/{budget}",
        kind=A_STUDY,
        model=name,
        data=budget,
        words=("study", "run", name, "--budget", budget),
        output=output_of_study(name, budget),
    )


def output_of_study(study: str, budget: str) -> str:
    """File that gets what its command says."""
    return f"{STUDIES_FOLDER}/output/{study}-{budget}.txt"


def duration(texts: Mapping[str, str]) -> str:
    """Return how long a study takes, in the study's own words.

    >>> duration({"budget": "smoke"})
    'seconds'
    """
    said = {**STUDY, **texts}
    return study_named(said["study"]).budget(said["budget"]).time


def resumed(name: str, *, model: str, data: str) -> RunCommand:
    """Make the command that resumes a training, by its name in the listing."""
    return RunCommand(
        name=name,
        kind=A_TRAINING,
        model=model,
        data=data,
        words=("train", "--resume", f"--run={name}"),
        output=f"{name}/{OUTPUT}",
    )


def _number(name: str, text: str, least: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text[:9]) and len(text) < 9 and int(text) <= _MOST):
        raise ConvwrightError(name, expected=f"a whole number from {least} to {_MOST:,}", got=text or "nothing")
    return int(text)
