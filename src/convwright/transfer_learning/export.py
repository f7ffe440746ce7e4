"""Export: a network in another format, proved to say the same of real images before there is a file."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from ..analysis.latency import Latency, device_name, repeated
from ..errors import ConvwrightError, require_choice
from ..extras import needs_extra
from ..files import replacing
from .formats import ExportFormat, RunImages, formats
from .parity import TOLERANCE, Parity

BUDGET_SECONDS = 1.0  # for each latency


@dataclass(frozen=True, kw_only=True)
class ExportComparison:
    """The network and its export on the same images, in batches of one size.

    Attributes
    ----------
    parity : Parity
        Comparison of their logits, over all images.
    original, exported : Latency
        Latency of one batch, on the CPU with the same number of threads.
    """

    parity: Parity
    original: Latency
    exported: Latency

    def to_dict(self) -> dict[str, Any]:
        """Return the measurements as plain values."""
        return {
            "parity": self.parity.to_dict(),
            "original": self.original.to_dict(),
            "exported": self.exported.to_dict(),
        }


@dataclass(frozen=True, kw_only=True)
class ExportResult:
    """A file that was written, and the proof that it is what it should be.

    Attributes
    ----------
    path : Path
        The file.
    format : str
        A name in `formats`.
    opset : int or None
        Version of the ONNX operators; None for other formats.
    comparisons : tuple of ExportComparison
        Comparison for images one at a time, then for all together.
    """

    path: Path
    format: str
    opset: int | None
    comparisons: tuple[ExportComparison, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return {
            "path": str(self.path),
            "format": self.format,
            "opset": self.opset,
            "comparisons": [each.to_dict() for each in self.comparisons],
        }


def export(
    model: nn.Module,
    images: Tensor,
    *,
    format: str,  # noqa: A002 - the word of the command line
    out: Path,
    card: Mapping[str, Any] | None = None,
) -> ExportResult:
    """Write `model` in another format, for batches of any size; the file appears once parity is proved.

    The network is exported in eval mode, in float32, for the CPU. What was written is loaded again and run on every
    image alone and on all together: no logit may differ by more than a ten-thousandth of the largest one, and every
    image must be seen as the same class. The file knows neither the images nor the paths of this machine.

    Parameters
    ----------
    model : nn.Module
        A classifier; it is copied, so that nothing about it changes.
    images : Tensor of float, shape (N, C, H, W)
        Real ones, made ready as the model takes them.
    format : str
        A name in `formats`.
    out : Path
        The file to write.
    card : mapping of str to plain values, optional
        What belongs to the model, such as classes and preprocessing: kept in the file. ONNX has each entry as JSON in
        its metadata, torch.export all in the extra file "model.json".

    Raises
    ------
    ConvwrightError
        When the network cannot be exported, its export says something else, or the file cannot be written. What was at
        `out` is then as it was.
    """
    kind = _installed(format)
    if images.ndim != 4 or not len(images):
        raise ConvwrightError("images", expected="at least one, as (N, C, H, W)", got=f"shape {tuple(images.shape)}")
    own, images = copy.deepcopy(model).cpu().float().eval(), images.detach().cpu().float().contiguous()
    _require_logits(own, images[:1])
    program = _program(own, images.shape[1:], format)
    hint = "free space, or choose another --output"
    with replacing(out, name=f"model{kind.suffix}", hint=hint, is_durable=True) as unproved:
        with _converting(format, kind):
            kind.write(program, unproved, card or {})
            run = kind.load(unproved)
        comparisons = _compared(own, run, images, format)
    return ExportResult(path=out, format=format, opset=kind.opset, comparisons=comparisons)


def _installed(name: str) -> ExportFormat:
    known = formats()
    require_choice("format", name, known)
    with needs_extra("export"):
        for package in known[name].packages:
            import_module(package)
    return known[name]


def _require_logits(model: nn.Module, image: Tensor) -> None:
    with torch.inference_mode():
        logits = model(image)
    if not isinstance(logits, Tensor) or logits.ndim != 2:
        got = f"shape {tuple(logits.shape)}" if isinstance(logits, Tensor) else type(logits).__name__
        raise ConvwrightError("output of the network", expected="logits (N, classes)", got=got)


def _program(model: nn.Module, image_shape: tuple[int, ...], name: str) -> ExportedProgram:
    """The network as a graph of torch's own ops, for batches of any size."""
    example = torch.zeros(2, *image_shape)  # one image would be taken for a constant; real ones would be kept
    try:
        with torch.no_grad():
            program = torch.export.export(model, (example,), dynamic_shapes=({0: Dim("batch")},))
    except Exception as error:  # whatever the network's own code and torch's tracing of it raise
        raise _failed(name, "torch.export cannot follow the network", error) from error
    for module in program.graph_module.modules():
        if isinstance(module, torch.fx.GraphModule):
            for node in module.graph.nodes:
                node.meta.pop("stack_trace", None)  # paths of this machine
    return program


@contextmanager
def _converting(name: str, kind: ExportFormat) -> Iterator[None]:
    try:
        yield
    except (ConvwrightError, OSError):
        raise
    except Exception as error:  # of a converter or a runtime, which have many kinds
        raise _failed(name, f"what {kind.runtime} runs cannot be made of the network", error) from error


def _failed(name: str, problem: str, error: Exception) -> ConvwrightError:
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return ConvwrightError(f"{name}: {problem} ({type(error).__name__}: {reason[:200]})", hint="no file was written")


def _compared(model: nn.Module, run: RunImages, images: Tensor, name: str) -> tuple[ExportComparison, ...]:
    """The comparison for images one at a time, and all together: a lone image is there twice."""
    together = images if len(images) > 1 else images.repeat(2, 1, 1, 1)
    comparisons = []
    with torch.inference_mode():
        for batch_size in (1, len(together)):
            batches = torch.split(together, batch_size)
            expected = torch.cat([model(each) for each in batches])
            try:
                parity = Parity.of(expected, torch.cat([run(each) for each in batches]))
            except Exception as error:  # of a runtime, or of shapes that are not as they should be
                raise _failed(name, f"the export fails in batches of {batch_size}", error) from error
            if not parity.is_equal:
                raise _unequal(name, batch_size, parity)
            measured = [_latency(each, batches[0]) for each in (model, run)]
            comparisons.append(ExportComparison(parity=parity, original=measured[0], exported=measured[1]))
    return tuple(comparisons)


def _unequal(name: str, batch_size: int, parity: Parity) -> ConvwrightError:
    return ConvwrightError(
        f"the {name} export says something else than the network, in batches of {batch_size}",
        expected=f"logits at most {TOLERANCE * parity.largest_logit:.2g} apart, and every class the same",
        got=f"{parity.max_difference:.2g} apart, {parity.num_same_top1} of {parity.num_images} the same",
        hint="no file was written",
    )


def _latency(run: RunImages, images: Tensor) -> Latency:
    seconds = repeated(lambda: run(images), BUDGET_SECONDS)
    where = device_name(images.device)
    return Latency(batch_size=len(images), precision="fp32", compiled=False, device=where, seconds=seconds)
