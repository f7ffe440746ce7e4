"""The rows of metrics.csv to where people look at many runs: TensorBoard, MLflow, Weights & Biases."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from ..errors import ConvwrightError, require_choice
from ..extras import needs_extra
from ..files import read_text, write
from .progress import StepReport, Watch
from .recipe import Recipe
from .record import EpochMetrics

# Pip packages; also what they are imported as.
LOGGERS = ("tensorboard", "mlflow", "wandb")


@dataclass(frozen=True, kw_only=True)
class _Run:
    """Run that is logged: its title, folder and recipe."""

    title: str
    folder: Path
    recipe: Recipe

    def known_id(self, logger: str) -> str | None:
        """Return the name that the logger gave this run before it was resumed."""
        place = self._place(logger)
        return read_text(place).strip() if place.exists() else None

    def remember(self, logger: str, identity: str) -> None:
        write(self._place(logger), identity + "\n")

    def _place(self, logger: str) -> Path:
        return self.folder / f"{logger}.id"


class _Logger(Protocol):
    """A client that is open."""

    def log(self, values: dict[str, float], step: int) -> None: ...

    def close(self, *, failed: bool) -> None: ...


@contextmanager
def logging_to(names: Iterable[str], *, title: str, folder: Path, recipe: Recipe) -> Iterator[Watch]:
    """A watch for `train` that gives the numbers of each epoch to loggers; they are closed afterwards.

    A run that is resumed goes on in the loggers as the same run. Where they send it is set as their manuals say, such
    as by `MLFLOW_TRACKING_URI` and `WANDB_PROJECT`; TensorBoard's events lie in `folder`/tensorboard. Several processes
    may enter: only the one that is told of steps opens anything. What a logger does not take is warned of, and lies in
    metrics.csv.

    Parameters
    ----------
    names : iterable of {"tensorboard", "mlflow", "wandb"}
        Loggers.
    title : str
        Title of the run in the loggers.
    folder : Path
        Folder of the run.
    recipe : Recipe
        Shown with it.

    Raises
    ------
    ConvwrightError
        For an unknown name, a package that is not installed, or, at the first step, a logger that cannot be opened.
    """
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        require_choice("logger", name, LOGGERS)
        if find_spec(name) is None:
            raise ConvwrightError(f"--logger {name}", got="no such package installed", hint=f"pip install {name}")
    run = _Run(title=title, folder=folder, recipe=recipe)
    opened: list[_Logger] = []

    def watch(report: StepReport | EpochMetrics) -> None:
        opened.extend(_opened(name, run) for name in wanted[len(opened) :])
        if isinstance(report, EpochMetrics):
            values = {name: value for name, value in asdict(report).items() if name != "step" and value is not None}
            for name, logger in zip(wanted, opened, strict=True):
                try:
                    logger.log(values, report.step)
                except Exception as error:  # such as a server that is away: no reason to lose a training
                    told = f"{name} did not take step {report.step} ({error}); metrics.csv has it"
                    warnings.warn(told, stacklevel=2)

    failed = True
    try:
        yield watch
        failed = False
    finally:
        for logger in opened:
            logger.close(failed=failed)


def _opened(name: str, run: _Run) -> _Logger:
    try:
        return _OPEN[name](run)
    except Exception as error:  # whatever a client raises where it is not set up
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ConvwrightError(
            f"--logger {name} cannot be opened ({reason})", hint="set it up, or leave it out"
        ) from error


class _TensorBoard:
    def __init__(self, run: _Run) -> None:
        with needs_extra("train"):
            from lightning_fabric.loggers.tensorboard import TensorBoardLogger

        self._logger = TensorBoardLogger(run.folder, name="tensorboard", version="")
        lines = (f"    {line}" for line in run.recipe.to_toml().splitlines())  # Markdown's way to say: as it is
        self._logger.experiment.add_text("recipe", "\n".join(lines))

    def log(self, values: dict[str, float], step: int) -> None:
        self._logger.log_metrics(values, step)
        self._logger.save()

    def close(self, *, failed: bool) -> None:
        self._logger.finalize("failed" if failed else "success")


class _MLflow:
    def __init__(self, run: _Run) -> None:
        import mlflow

        known = run.known_id("mlflow")
        started = mlflow.start_run(run_id=known, run_name=run.title)
        if known is None:
            run.remember("mlflow", started.info.run_id)
            mlflow.log_params(_flat(run.recipe.to_dict()))

    def log(self, values: dict[str, float], step: int) -> None:
        import mlflow

        mlflow.log_metrics(values, step=step)

    def close(self, *, failed: bool) -> None:
        import mlflow

        mlflow.end_run("FAILED" if failed else "FINISHED")


class _Wandb:
    def __init__(self, run: _Run) -> None:
        import wandb

        known = run.known_id("wandb")
        self._run = wandb.init(
            name=run.title, id=known, resume="allow", config=run.recipe.to_dict(), dir=str(run.folder)
        )
        run.remember("wandb", self._run.id)

    def log(self, values: dict[str, float], step: int) -> None:
        self._run.log(values, step=step)

    def close(self, *, failed: bool) -> None:
        self._run.finish(exit_code=int(failed))


_OPEN: dict[str, Callable[[_Run], _Logger]] = {"tensorboard": _TensorBoard, "mlflow": _MLflow, "wandb": _Wandb}


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    """Tables within a table as `part.name`."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        inner = _flat(value) if isinstance(value, dict) else {"": value}
        found |= {f"{name}.{key}".rstrip("."): each for key, each in inner.items()}
    return found
