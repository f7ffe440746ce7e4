"""A run's folder: what was trained on what, so that it can be resumed, evaluated and used."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConvwrightError
from ..files import read_text, write

if TYPE_CHECKING:
    from torch import nn

    from ..data.sets import ImageData
    from ..networks import Network, NetworkName

_FILE, WEIGHTS = "run.json", "weights.safetensors"


@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """Network and data of a run.

    Attributes
    ----------
    model, arguments
        Network as on the command line: MODEL and its `--arg`.
    run_all : bool
        True to run all of the network's file, as Python would; else only what defines something.
    data : str
        Name or path.
    image_size : int or None
        Pixels images are brought to.
    skip_corrupt : bool
        Whether to leave out images that cannot be read.
    whole_images : bool
        Whether to keep images encoded, for random crops of whole ones.
    seed : int
        Seed of the first weights and the validation split.
    """

    model: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    run_all: bool = False
    data: str
    image_size: int | None = None
    skip_corrupt: bool = False
    whole_images: bool = False
    seed: int = 0

    def load_data(self, data: str | None = None) -> "ImageData":
        """The data of the run, or other data brought to the same size."""
        from ..data import load_data

        return load_data(
            data or self.data,
            seed=self.seed,
            image_size=self.image_size,
            skip_corrupt=self.skip_corrupt,
            whole_images=self.whole_images,
        )

    @property
    def network_name(self) -> "NetworkName":
        """Name of the network with its arguments."""
        from ..networks import NetworkName

        return NetworkName(text=self.model, arguments=self.arguments, run_all=self.run_all)

    def network(self, *, num_classes: int, in_channels: int) -> "Network":
        """Build the network with fresh weights, in train mode; for the zoo, classes and channels are the data's."""
        from ..networks import open_network

        network = open_network(self.network_name, seed=self.seed, num_classes=num_classes, in_channels=in_channels)
        network.module.train()
        return network

    def write(self, folder: Path) -> None:
        """Write it into the run's folder."""
        write(folder / _FILE, json.dumps(asdict(self), indent=1) + "\n", hint="choose another --run")


def read_spec(folder: Path) -> RunSpec:
    """Read the network and data of the run in `folder`.

    Raises
    ------
    ConvwrightError
        When there is no run, or its file is damaged.
    """
    try:
        return RunSpec(**json.loads(read_text(folder / _FILE)))
    except FileNotFoundError as error:
        raise ConvwrightError(f"{folder} holds no run", expected=f"a folder with {_FILE} or model.json") from error
    except (ValueError, TypeError) as error:
        raise ConvwrightError(f"{folder / _FILE} is damaged: {error}") from error


@dataclass(frozen=True, kw_only=True)
class InputSpec:
    """Images that the network of a finished run was trained on, and so expects.

    Attributes
    ----------
    class_names : tuple of str
        Names of the classes in the order of the logits.
    image_shape : tuple of int
        (C, H, W).
    mean, std : tuple of float
        Mean and standard deviation by which images are normalized.
    precision : str
        Precision in which the network was trained.
    """

    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    precision: str


def read_input_spec(folder: Path) -> InputSpec:
    """Read the inputs of the network from the record of a finished run.

    Raises
    ------
    ConvwrightError
        When the run has not come to its end, or its record is damaged.
    """
    if not (folder / WEIGHTS).is_file():
        raise ConvwrightError(f"{folder} has no weights yet", hint=f"convwright train --resume --run {folder}")
    try:
        record = json.loads(read_text(folder / "record.json"))
        names = ("class_names", "image_shape", "mean", "std")
        data = {name: tuple(record["data"][name]) for name in names}
        return InputSpec(precision=record["numerics"]["precision"], **data)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConvwrightError(f"{folder / 'record.json'} is missing or damaged: {error}") from error


def trained_model(folder: Path, *, num_classes: int, in_channels: int) -> "nn.Module":
    """Build the model of a finished run with its weights, in eval mode.

    Raises
    ------
    ConvwrightError
        When its weights do not fit.
    """
    from ..models.state_file import read_state

    spec = read_spec(folder)
    model = spec.network(num_classes=num_classes, in_channels=in_channels).module
    try:
        model.load_state_dict(read_state(folder / WEIGHTS))
    except RuntimeError as error:
        problem = f"{folder / WEIGHTS} does not fit {spec.model}"
        raise ConvwrightError(problem, hint="was its source, or the data, changed since?") from error
    return model.eval()
