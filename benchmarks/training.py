"""Training loops side by side, in one run: `python benchmarks/training.py benchmarks/results/training-DATE.json`.

Each loop has a process of its own, so that its peak memory is its own. They take turns: in every round each runs for
some seconds while the others stand still, so that a noisy moment hits them all. All train the same network on the same
images, with the same batch size, optimizer and threads (as many as torch takes; OMP_NUM_THREADS says otherwise).
`--device auto` takes a GPU where there is one.
"""

import argparse
import json
import multiprocessing
import platform
import statistics
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
import training_loops

from convwright.training.precision import Numerics, machine

MODELS = ("resnet18_cifar", "resnet20")
PACKAGES = ("torch", "torchvision", "timm", "pytorch-lightning", "lightning-fabric")
GOALS = {"limit": 0.95, "stock PyTorch": 2.5}  # ours has to be this many times as fast
Start = multiprocessing.get_context("spawn")


@contextmanager
def process(task: Callable[..., None], *given: Any) -> Iterator[Connection]:
    """A process that runs `task` on one end of a pipe; the other end."""
    here, there = Start.Pipe()
    started = Start.Process(target=task, args=(there, *given))
    started.start()
    there.close()  # so that reading fails when the process ends
    try:
        yield here
    finally:
        here.close()
        started.join()


def measure(model: str, options: argparse.Namespace) -> dict[str, Any]:
    """Images/s of every loop in every round, and its peak memory."""
    given = (model, options.data, options.batch_size, options.device)
    with process(training_loops.choose, *given) as pipe:
        numerics: Numerics = pipe.recv()
    print(f"{model}: {numerics.precision}, channels_last {numerics.channels_last}, {numerics.seconds}", flush=True)
    loops: dict[str, dict[str, Any]] = {}
    with ExitStack() as running:
        pipes = {}
        for name in options.loops:
            pipe = running.enter_context(process(training_loops.run, name, numerics, *given))
            if (answer := pipe.recv()) == "ready":
                pipes[name], loops[name] = pipe, {"images_per_second": []}
            elif name == "convwright":
                raise RuntimeError(answer)
            else:
                loops[name] = {"failed": answer}
        for number in range(options.rounds):
            names = list(pipes)
            first = number % len(names)
            for name in names[first:] + names[:first]:
                pipes[name].send(options.seconds)
                steps, seconds = pipes[name].recv()
                loops[name]["images_per_second"].append(steps * options.batch_size / seconds)
        for name, pipe in pipes.items():
            pipe.send(None)
            loops[name] |= {
                "median_images_per_second": statistics.median(loops[name]["images_per_second"]),
                "peak_bytes": pipe.recv(),
            }
    return {"numerics": asdict(numerics), "loops": loops}


def ratios(loops: dict[str, dict[str, Any]], peer: str) -> list[float]:
    """How many times as fast as a peer ours is, in every round."""
    pairs = zip(loops["convwright"]["images_per_second"], loops[peer]["images_per_second"], strict=True)
    return [a / b for a, b in pairs]


def tell(loops: dict[str, dict[str, Any]]) -> None:
    """A line for each loop, and the verdicts."""
    for name, row in loops.items():
        if "failed" in row:
            print(f"  {name}: {row['failed']}")
            continue
        found = ratios(loops, name)
        spread = f"ours {statistics.median(found):.2f} times that ({min(found):.2f} to {max(found):.2f})"
        memory = ", ".join(f"{part} {number / 2**20:.0f} MiB" for part, number in row["peak_bytes"].items())
        print(f"  {name:34} {row['median_images_per_second']:8.1f} images/s, {spread}, {memory}")
    for peer, goal in GOALS.items():
        if "failed" not in loops.get(peer, {"failed": ""}):
            found = statistics.median(ratios(loops, peer))
            print(f"  ours / {peer}: {found:.3f}, wanted {goal}: {'reached' if found >= goal else 'NOT reached'}")


def main() -> None:
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", nargs="?", type=Path, help="JSON to write")
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--loops", nargs="+", default=list(training_loops.LOOPS), choices=training_loops.LOOPS)
    parser.add_argument("--data", default="cifar10-mini")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.5, help="of every loop in every round")
    options = parser.parse_args()
    options.loops = list(dict.fromkeys(["convwright", *options.loops]))
    if options.device == "auto":
        options.device = "cuda" if torch.cuda.is_available() else "cpu"
    result = {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "machine": machine(torch.device(options.device)),
        "versions": {package: version(package) for package in PACKAGES},
        **{name: getattr(options, name) for name in ("data", "batch_size", "device", "rounds", "seconds")},
        "workers": training_loops.num_workers(),
        "models": {},
    }
    for model in options.models:
        result["models"][model] = measure(model, options)
        tell(result["models"][model]["loops"])
    if options.result:
        options.result.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
