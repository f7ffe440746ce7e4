"""A linear probe on features computed once, and on a backbone that runs each epoch: `python features.py DATA OUT.json`.

EfficientNet-Lite0 with the weights of its package, on the training images of DATA and those kept for validation. An
epoch without a cache computes the features of both anew, and then does what an epoch with one does.
"""

import json
import platform
import statistics
import sys
from datetime import date
from pathlib import Path
from typing import Any

import torch

from convwright.data import load_data
from convwright.transfer_learning import extract, load_backbone, train_probe

REPEATS = 5


def measured(data_path: str) -> dict[str, Any]:
    backbone = load_backbone("efficientnet_lite0", weights="package")
    data = load_data(data_path, preprocessing=backbone.preprocessing, validation=0.2)
    parts = {"train": data.train, "validation": data.validation}
    cached = {name: extract(backbone, images, data) for name, images in parts.items()}
    rows, different = [], 0.0
    for repeat in range(REPEATS):
        direct = {name: extract(backbone, images, data, cache=False) for name, images in parts.items()}
        different = max(
            different, *(float((direct[name]["head"] - cached[name]["head"]).abs().max()) for name in parts)
        )
        probes = {
            kind: train_probe(found["train"], found["validation"], num_classes=data.num_classes, seed=repeat)
            for kind, found in (("cached", cached), ("direct", direct))
        }
        backbone_seconds = sum(found.seconds for found in direct.values())
        rows.append(
            {
                "cached_epoch_seconds": probes["cached"].epoch_seconds,
                "direct_epoch_seconds": backbone_seconds + probes["direct"].epoch_seconds,
                "cached_accuracy": probes["cached"].epochs[-1].validation_accuracy,
                "direct_accuracy": probes["direct"].epochs[-1].validation_accuracy,
            }
        )
        print(rows[-1], flush=True)
    times = [row["direct_epoch_seconds"] / row["cached_epoch_seconds"] for row in rows]
    return {
        "data": data.name,
        "num_images": sum(map(len, parts.values())),
        "epochs": len(probes["cached"].epochs),
        "median_times": statistics.median(times),
        "times": times,
        "largest_difference": different,
        "rows": rows,
    }


def main() -> None:
    torch.set_num_threads(1)
    _, data, out = sys.argv
    machine = {"processor": platform.processor() or platform.machine(), "threads": 1}
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    result = {"date": date.today().isoformat(), **versions, **machine, **measured(data)}
    Path(out).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
