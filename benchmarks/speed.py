"""Process time of the analyzer on 12 networks, beside its peers: `python benchmarks/speed.py OUT.json`.

One thread, one process; every round runs each tool once on each network, in turn, and the least process time of a tool
counts, since other work on the machine only adds to it. Ours is the full analysis (shapes, parameters, MACs, memory of
inference and training, and field of every op), beside its trace alone. Ours, the bare forward and FlopCounterMode run
on the meta device; all others compute on the CPU.
A peer that is not installed, or fails, is named with the reason.
"""

import contextlib
import gc
import importlib
import io
import json
import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path
from typing import Any

import timm
import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from convwright.analysis.analyze import analyze
from convwright.files import write
from convwright.graph import trace

SHAPE = (1, 3, 224, 224)
META_ROUNDS, LIVE_ROUNDS = 5, 1
TORCHVISION = (
    *("resnet18", "resnet50", "densenet201", "efficientnet_b0"),
    *("vgg16", "mobilenet_v3_large", "googlenet", "convnext_tiny"),
)
TIMM = ("regnety_032", "hrnet_w18_small", "vit_tiny_patch16_224")
Tool = Callable[[nn.Module], object]


class Twice(nn.Sequential):
    """Two 3x3 convolutions."""

    def __init__(self, before: int, after: int) -> None:
        steps: list[nn.Module] = []
        for channels in (before, after):
            steps += [nn.Conv2d(channels, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        super().__init__(*steps)


class UNet(nn.Module):
    """Ronneberger et al. 2015, with padding and batch norm."""

    def __init__(self, widths: tuple[int, ...] = (64, 128, 256, 512, 1024)) -> None:
        super().__init__()
        pairs = list(pairwise(widths))
        self.down = nn.ModuleList(Twice(a, b) for a, b in zip((3, *widths), widths, strict=False))
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, 2) for a, b in pairs)
        self.join = nn.ModuleList(Twice(2 * a, a) for a, _ in pairs)
        self.head = nn.Conv2d(widths[0], 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the classes, as large as the image."""
        kept = []
        for number, block in enumerate(self.down):
            x = block(F.max_pool2d(x, 2) if number else x)
            kept.append(x)
        for number in reversed(range(len(self.up))):
            x = self.join[number](torch.cat([kept[number], self.up[number](x)], 1))
        return self.head(x)


def networks(device: str) -> dict[str, nn.Module]:
    """The twelve, in eval mode."""
    found: dict[str, nn.Module] = {}
    with torch.device(device):
        for name in TORCHVISION:
            extra = {"init_weights": False} if name == "googlenet" else {}
            found[name] = torchvision.models.get_model(name, weights=None, **extra).eval()
        for name in TIMM:
            found[name] = timm.create_model(name).eval()
        found["unet"] = UNet().eval()
    return found


def ours(model: nn.Module) -> None:
    found = analyze(model, SHAPE)
    found.totals, found.ops  # noqa: B018 - made when read


def traced(model: nn.Module) -> None:
    trace(model, SHAPE)


def bare(model: nn.Module) -> None:
    model(torch.empty(SHAPE, device="meta"))


def flop_counter(model: nn.Module) -> None:
    with FlopCounterMode(display=False):
        model(torch.empty(SHAPE, device="meta"))


def torchinfo(model: nn.Module) -> None:
    importlib.import_module("torchinfo").summary(model, input_size=SHAPE, verbose=0)


def fvcore(model: nn.Module) -> None:
    counter = importlib.import_module("fvcore.nn").FlopCountAnalysis(model, torch.zeros(SHAPE))
    counter.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total()


def ptflops(model: nn.Module) -> None:
    count = importlib.import_module("ptflops").get_model_complexity_info
    count(model, SHAPE[1:], as_strings=False, print_per_layer_stat=False, verbose=False)


def thop(model: nn.Module) -> None:
    importlib.import_module("thop").profile(model, inputs=(torch.zeros(SHAPE),), verbose=False)


def torchlens(model: nn.Module) -> None:
    importlib.import_module("torchlens").trace(model, torch.zeros(SHAPE))


META: dict[str, Tool] = {
    "convwright": ours,
    "its trace alone": traced,
    "bare meta forward": bare,
    "FlopCounterMode": flop_counter,
}
LIVE: dict[str, Tool] = {"torchinfo": torchinfo, "fvcore": fvcore, "ptflops": ptflops, "ultralytics-thop": thop}
LAST: dict[str, Tool] = {"torchlens": torchlens}  # it leaves torch's functions wrapped


def measure(tools: dict[str, Tool], models: dict[str, nn.Module], rounds: int, rows: dict[str, Any]) -> None:
    """Add the least process time of each tool on each network; the first round warms up."""
    for number in range(rounds + 1):
        gc.collect()
        gc.freeze()
        for name, model in models.items():
            for tool, run in tools.items():
                row = rows.setdefault(tool, {})
                if isinstance(row.get(name), str):
                    continue
                start = time.process_time()
                try:
                    with contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
                        run(model)
                except Exception as error:  # a peer that fails is listed with its reason
                    row[name] = f"{type(error).__name__}: {str(error).partition(chr(10))[0][:100]}"
                    continue
                if number:
                    row[name] = min(row.get(name, float("inf")), time.process_time() - start)


def ratio(rows: dict[str, Any], tool: str, other: str) -> float | None:
    """The median over the networks of one tool's time to another's; None where it failed on all."""
    pairs = [(rows[tool][name], rows[other][name]) for name in rows[tool]]
    found = [a / b for a, b in pairs if not isinstance(a, str) and not isinstance(b, str)]
    return round(statistics.median(found), 3) if found else None


def main() -> None:
    """Measure and write the JSON."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    rows: dict[str, Any] = {}
    before = os.getloadavg()
    measure(META, networks("meta"), META_ROUNDS, rows)
    live = networks("cpu")
    measure(LIVE, live, LIVE_ROUNDS, rows)
    report(rows, before)
    measure(LAST, live, 1, rows)
    report(rows, before)


def report(rows: dict[str, Any], before: tuple[float, float, float]) -> None:
    """Write and print what was measured so far."""
    found: dict[str, str] = {}
    for package in ("torch", "torchvision", "timm", *LIVE, *LAST):
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    result = {
        "command": "python benchmarks/speed.py",
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one thread",
        "load": f"one-minute load average {before[0]:.1f} before and {os.getloadavg()[0]:.1f} after",
        "versions": found,
        "ours_to_bare_meta_forward": ratio(rows, "convwright", "bare meta forward"),
        "trace_alone_to_bare_meta_forward": ratio(rows, "its trace alone", "bare meta forward"),
        "FlopCounterMode_to_ours": ratio(rows, "FlopCounterMode", "convwright"),
        "peers_to_ours": {tool: ratio(rows, tool, "convwright") for tool in (*LIVE, *LAST) if tool in rows},
        "process_ms": {
            tool: {name: round(1e3 * t, 2) if isinstance(t, float) else t for name, t in row.items()}
            for tool, row in rows.items()
        },
    }
    write(Path(sys.argv[1]), json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
