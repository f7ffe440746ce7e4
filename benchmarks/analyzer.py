"""The analyzer beside its peers, in one run: `python benchmarks/analyzer.py benchmarks/results/analyzer-DATE.json`.

Same models, same process, one thread; every round runs each tool once, in turn, so that a noisy moment hits them all.
Peers run on what they need: a live model on the CPU, or the meta device where they can. Ours is the FULL analysis:
shapes, parameters, MACs, receptive field and memory of every op.
"""

import contextlib
import gc
import io
import json
import platform
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as module_hooks
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

import convwright
from convwright.analysis.analyze import analyze

MODELS = ("vgg16", "resnet50", "densenet121", "efficientnet_b0", "mobilenet_v3_large")
ROUNDS = 7
SHAPE = (1, 3, 224, 224)
Tool = Callable[[nn.Module], float | None]  # runs on a model, returns the GMACs it reports


def ours(model: nn.Module) -> float:
    found = analyze(model, SHAPE)
    return len(found.ops) and found.totals.macs / 1e9


class Keep(TorchFunctionMode):
    """Runs every torch call as it is, and keeps what it returns."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Any] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.answers.append(func(*args, **(kwargs or {})))
        return self.answers[-1]


class Replay(TorchFunctionMode):
    """Answers every torch call with what it returned before, and records nothing."""

    def __init__(self, answers: list[Any]) -> None:
        super().__init__()
        self.next_answer = iter(answers).__next__

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self.next_answer()


@cache
def answers_of(model: nn.Module) -> list[Any]:
    image = torch.empty(SHAPE, device="meta")
    with Keep() as keep:
        model(image)
    return keep.answers


def floor(model: nn.Module) -> None:
    """What a tracer that sees every call and every module costs when it does nothing with them."""
    before = module_hooks.register_module_forward_pre_hook(lambda *_: None)
    after = module_hooks.register_module_forward_hook(lambda *_: None, always_call=True)
    image = torch.empty(SHAPE, device="meta")
    with Replay(answers_of(model)):
        model(image)
    before.remove()
    after.remove()


def meta_forward(model: nn.Module) -> None:
    with torch.no_grad():
        model(torch.empty(SHAPE, device="meta"))


def flop_counter(model: nn.Module) -> float:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.empty(SHAPE, device="meta"))
    return counter.get_total_flops() / 2e9


def torchinfo(model: nn.Module) -> float:
    from torchinfo import summary

    return summary(model, input_size=SHAPE, verbose=0).total_mult_adds / 1e9


def fvcore(model: nn.Module) -> float:
    from fvcore.nn import FlopCountAnalysis

    counter = FlopCountAnalysis(model, torch.zeros(SHAPE))
    return counter.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total() / 1e9


def ptflops(backend: str) -> Tool:
    def count(model: nn.Module) -> float:
        from ptflops import get_model_complexity_info

        options = {"as_strings": False, "print_per_layer_stat": False, "verbose": False, "backend": backend}
        return get_model_complexity_info(model, SHAPE[1:], **options)[0] / 1e9

    return count


def thop(model: nn.Module) -> float:
    from thop import profile

    return profile(model, inputs=(torch.zeros(SHAPE),), verbose=False)[0] / 1e9


def calflops(model: nn.Module) -> float:
    from calflops import calculate_flops

    counted = calculate_flops(model, input_shape=SHAPE, output_as_string=False, print_results=False)
    return counted[1] / 1e9


def torchprofile(model: nn.Module) -> float:
    from torchprofile import profile_macs

    return profile_macs(model, torch.zeros(SHAPE)) / 1e9


def torchlens(model: nn.Module) -> None:
    import torchlens as lens

    lens.trace(model, torch.zeros(SHAPE))


META: dict[str, Tool] = {
    "convwright": ours,
    "floor of a tracer (meta)": floor,
    "bare meta forward": meta_forward,
    "FlopCounterMode (meta)": flop_counter,
}
LIVE: dict[str, Tool] = {
    "torchinfo": torchinfo,
    "fvcore": fvcore,
    "ptflops (pytorch)": ptflops("pytorch"),
    "ptflops (aten)": ptflops("aten"),
    "thop": thop,
    "calflops": calflops,
    "torchprofile": torchprofile,
}
LAST: dict[str, Tool] = {"torchlens": torchlens}  # after all others: it leaves torch's functions wrapped


def measure(name: str) -> dict[str, dict[str, Any]]:
    """Every tool on one model: seconds of each round, what it reports, or why it could not."""
    meta, live = (convwright.build(name, device=device).eval() for device in ("meta", "cpu"))
    rows: dict[str, dict[str, Any]] = {}
    for number in range(ROUNDS + 1):  # the first round warms up
        if number == 1:
            gc.freeze()  # the peers' imports are theirs; nobody's run should have to search them
        for tool, run in {**META, **LIVE}.items():
            once(run, meta if tool in META else live, rows.setdefault(tool, {"seconds": []}), timed=number > 0)
    for row in rows.values():
        if row["seconds"]:
            row["median_seconds"] = statistics.median(row["seconds"])
    return rows


def once(run: Tool, model: nn.Module, row: dict[str, Any], *, timed: bool) -> None:
    """One run of a tool, added to its row."""
    if "failed" in row:
        return
    start = time.perf_counter()
    try:
        with contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
            row["gmacs"] = run(model)
    except Exception as error:  # a peer that fails is listed with its reason
        row["failed"] = f"{type(error).__name__}: {str(error).partition(chr(10))[0][:120]}"
        return
    if timed:
        row["seconds"].append(time.perf_counter() - start)


def linearity() -> list[dict[str, float]]:
    """Time and ops of deeper and deeper networks."""
    rows = []
    for depth in (100, 500, 1000, 2500, 5000):
        with torch.device("meta"):
            model = nn.Sequential(*(nn.Conv2d(4, 4, 3, padding=1) for _ in range(depth))).eval()
        gc.freeze()
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            analyze(model, (1, 4, 32, 32)).totals.to_dict()
            seconds.append(time.perf_counter() - start)
        rows.append({"ops": depth, "median_seconds": statistics.median(seconds)})
    return rows


def cold_shell() -> dict[str, float]:
    """Seconds of whole processes: the interpreter with `import torch`, and `convwright analyze resnet50`."""
    commands = {
        "import torch": [sys.executable, "-c", "import torch"],
        "analyze resnet50": [
            sys.executable,
            "-c",
            "from convwright.cli.main import main; main()",
            "analyze",
            "resnet50",
        ],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(5):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def main() -> None:
    """Measure, print a line a model, write the JSON."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    rows = {}
    for name in MODELS:
        rows[name] = measure(name)
    result = {"linearity": linearity(), "cold_shell": cold_shell()}
    for name in MODELS:
        row = rows[name]["torchlens"] = {"seconds": []}
        model = convwright.build(name).eval()
        for number in range(4):
            once(LAST["torchlens"], model, row, timed=number > 0)
        if row["seconds"]:
            row["median_seconds"] = statistics.median(row["seconds"])
        shown = {tool: f"{row['median_seconds'] * 1e3:.1f} ms" for tool, row in rows[name].items() if row["seconds"]}
        print(name, shown, flush=True)
    packages = ("torch", "torchinfo", "fvcore", "ptflops", "ultralytics-thop", "calflops", "transformers")
    packages += ("torchprofile", "torchlens")
    result |= {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, one thread",
        "versions": {package: version(package) for package in packages},
        "rounds": ROUNDS,
        "models": rows,
    }
    Path(sys.argv[1]).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
