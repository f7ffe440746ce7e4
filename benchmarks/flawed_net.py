"""Does `lint --fix --unsafe-fixes` make a first CNN train better? Before and after, paired by seed, on CIFAR-10.

`python benchmarks/flawed_net.py FOLDER benchmarks/results/flawed-net-DATE.json`, where FOLDER has CIFAR-10 as
`train.parquet` and `test.parquet` in the layout of the Hugging Face Hub. The command line fixes a copy of the
example; both networks see the same images in the same order, and the last epoch counts.
"""

import io
import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from convwright.analysis.analyze import analyze
from convwright.networks import NetworkName, open_network

SEEDS, EPOCHS, BATCH, TRAIN, TEST = 6, 6, 64, 4000, 2000
EXAMPLE = Path(__file__).parents[1] / "examples/flawed_net.py"
Data = tuple[Tensor, Tensor]


def images(file: Path, number: int) -> Data:
    """The first images of a file, normalized, and their labels."""
    table = pyarrow.parquet.read_table(file).slice(0, number)
    columns = table.column_names
    pictures = [Image.open(io.BytesIO(cell["bytes"])) for cell in table[columns[0]].to_pylist()]
    pixels = torch.from_numpy(np.stack([np.asarray(picture.convert("RGB")) for picture in pictures]))
    labels = torch.tensor(table[columns[1]].to_pylist())
    return (pixels.permute(0, 3, 1, 2).contiguous().float() / 255 - 0.47) / 0.25, labels


def build(file: Path, seed: int) -> nn.Module:
    return open_network(NetworkName(text=f"{file}:FlawedNet"), seed=seed).module


def train(model: nn.Module, data: Data, seed: int) -> float:
    """Train in place; the seconds that it took."""
    pixels, labels = data
    steps = EPOCHS * (len(labels) // BATCH)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.05, total_steps=steps)
    order = torch.Generator().manual_seed(seed)
    start = time.perf_counter()
    model.train()
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(labels), generator=order)[: len(labels) // BATCH * BATCH].split(BATCH):
            flipped = torch.where(
                torch.rand(BATCH, 1, 1, 1, generator=order) < 0.5, pixels[batch], pixels[batch].flip(3)
            )
            loss = F.cross_entropy(model(flipped), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return time.perf_counter() - start


@torch.no_grad()
def accuracy(model: nn.Module, data: Data) -> float:
    pixels, labels = data
    model.eval()
    right = sum(int((model(x).argmax(1) == y).sum()) for x, y in zip(pixels.split(500), labels.split(500), strict=True))
    return right / len(labels)


def measure(file: Path, data: Data, held_out: Data) -> dict[str, object]:
    model = build(file, 0).eval()
    totals = analyze(model, (1, 3, 32, 32)).totals
    found: dict[str, object] = {"parameters": totals.parameters, "macs": totals.macs}
    scores, seconds = [], []
    for seed in range(SEEDS):
        model = build(file, seed)
        seconds.append(train(model, data, seed))
        scores.append(accuracy(model, held_out))
        print(f"{file.stem}, seed {seed}: {scores[-1]:.1%} after {seconds[-1]:.0f} s", flush=True)
    return found | {
        "accuracy": scores,
        "seconds": [round(s, 1) for s in seconds],
        "median_seconds": statistics.median(seconds),
    }


def main() -> None:
    folder, result = Path(sys.argv[1]), Path(sys.argv[2])
    data, held_out = images(folder / "train.parquet", TRAIN), images(folder / "test.parquet", TEST)
    with tempfile.TemporaryDirectory() as made:
        fixed = Path(shutil.copy(EXAMPLE, Path(made) / "fixed.py"))
        command = ["convwright", "lint", str(fixed), "--input", "3x32x32", "--fix", "--unsafe-fixes"]
        subprocess.run([str(Path(sys.executable).parent / command[0]), *command[1:]], check=True)
        found = {"before": measure(EXAMPLE, data, held_out), "after": measure(fixed, data, held_out)}
    words = {"seeds": SEEDS, "epochs": EPOCHS, "batch": BATCH, "train_images": TRAIN, "test_images": TEST}
    where = {"date": date.today().isoformat(), "torch": torch.__version__, "machine": f"{platform.machine()}, CPU"}
    result.write_text(json.dumps({**where, **words, "nets": found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
