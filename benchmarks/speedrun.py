"""Accuracy for compute on CIFAR-10: `python benchmarks/speedrun.py DATA OUT.json --seeds 3 --reference-seeds 1`.

Trains `speed_cnn` by the recipe `cifar-speedrun`, and the method it is compared with, on all training images in one
thread, last epoch, no test-time augmentation. A run that OUT.json has already, by the same method, is not done again.
"""

import argparse
import hashlib
import json
import platform
import statistics
import time
from datetime import date
from pathlib import Path
from typing import Any

import speedrun_reference as reference
import torch
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.data import ImageData, load_data
from convwright.graph.fingerprint import model_fingerprint
from convwright.models import build
from convwright.training import EpochMetrics, evaluate, preset, train


def ours(data: ImageData, seed: int) -> tuple[nn.Module, float, int]:
    recipe = preset("cifar-speedrun").with_overrides([f"seed={seed}", "precision=bf16"])
    model = build("speed_cnn", num_classes=data.num_classes, seed=seed)
    started = time.perf_counter()

    def tell(report: object) -> None:
        if isinstance(report, EpochMetrics):
            print(
                f"epoch {report.epoch}: loss {report.train_loss:.3f}, {time.perf_counter() - started:.0f} s", flush=True
            )

    record = train(model, data, recipe, watch=tell)
    return model, sum(epoch.seconds for epoch in record.epochs), record.epochs[-1].step * recipe.batch_size


def theirs(data: ImageData, seed: int) -> tuple[nn.Module, float, int]:
    started = time.perf_counter()
    net, steps = reference.trained(data, seed)
    for step, num_steps in steps:
        if step % 25 == 0:
            print(f"step {step} of {num_steps}: {time.perf_counter() - started:.0f} s", flush=True)
    return net, time.perf_counter() - started, num_steps * reference.BATCH_SIZE


def compute(kind: str, model: nn.Module, data: ImageData) -> int:
    """Multiply-accumulates of a forward pass, in the mean of all images trained on."""
    channels, height, width = data.image_shape
    small = preset("cifar-speedrun").small_start if kind == "ours" else 0.0
    whole = analyze(model, (1, channels, height, width)).totals.macs
    if not small:
        return whole
    part = analyze(model, (1, channels, height * 3 // 4, width * 3 // 4)).totals.macs
    return round(part * small + whole * (1 - small))


def method(kind: str, data: ImageData) -> str:
    """Changes with what a run does: recipe and network, or the source of the reference."""
    if kind == "reference":
        return hashlib.sha256(Path(reference.__file__).read_bytes()).hexdigest()[:16]
    network = build("speed_cnn", num_classes=data.num_classes, seed=0)
    return f"{preset('cifar-speedrun').fingerprint}-{model_fingerprint(network, data.image_shape, training=True)}"


def measured(kind: str, data: ImageData, seed: int) -> dict[str, Any]:
    print(f"{kind}, seed {seed}", flush=True)
    model, seconds, num_images = (ours if kind == "ours" else theirs)(data, seed)
    macs = compute(kind, model, data)
    found = evaluate(model, data.test, data, precision="bf16", channels_last=True)
    print(f"{found.accuracy:.2%} in {seconds:.0f} s", flush=True)
    return {
        "kind": kind, "seed": seed, "accuracy": found.accuracy, "seconds": seconds, "num_images": num_images,
        "macs_per_image": macs, "macs_times_images": macs * num_images,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--reference-seeds", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(1)
    data = load_data(given.data, validation=0)
    runs: list[dict[str, Any]] = json.loads(given.out.read_text(encoding="utf-8"))["runs"] if given.out.exists() else []
    methods = {kind: method(kind, data) for kind in ("ours", "reference")}
    runs = [run for run in runs if run["method"] == methods[run["kind"]]]
    done = {(run["kind"], run["seed"]) for run in runs}
    wanted = [("ours", seed) for seed in range(given.seeds)] + [("reference", s) for s in range(given.reference_seeds)]
    for kind, seed in wanted:
        if (kind, seed) not in done:
            runs.append({"method": methods[kind], **measured(kind, data, seed)})
            given.out.write_text(json.dumps(_result(data, runs), indent=1) + "\n", encoding="utf-8")


def _result(data: ImageData, runs: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = {}
    for kind in dict.fromkeys(run["kind"] for run in runs):
        mine = [run for run in runs if run["kind"] == kind]
        accuracies = [run["accuracy"] for run in mine]
        kinds[kind] = {
            "n": len(mine),
            "mean_accuracy": statistics.fmean(accuracies),
            "sd_accuracy": statistics.stdev(accuracies) if len(mine) > 1 else None,
            "median_seconds": statistics.median(run["seconds"] for run in mine),
            "macs_times_images": mine[0]["macs_times_images"],
        }
    machine = {"processor": platform.processor() or platform.machine(), "threads": 1}
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    facts = {"date": date.today().isoformat(), **versions, **machine, "data": data.name}
    return {**facts, "kinds": kinds, "runs": runs}


if __name__ == "__main__":
    main()
