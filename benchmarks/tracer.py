"""How long a trace takes, against a bare forward of the same network on meta (shapes only, nothing recorded).

    python benchmarks/tracer.py

Both run in one process on one thread, in turns; medians over the repeats after warm-up.
"""

import statistics
import time
from collections.abc import Callable

import torch
import torchvision

from convwright.graph import trace

MODELS = ("resnet50", "efficientnet_b0", "densenet121")
SHAPE = (1, 3, 224, 224)
REPEATS = 30


def milliseconds(run: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    run()
    return 1e3 * (time.perf_counter() - start)


def medians(*runs: Callable[[], object]) -> list[float]:
    """The median of each, measured in turns."""
    for run in runs:
        run()
    rounds = [[milliseconds(run) for run in runs] for _ in range(REPEATS)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def main() -> None:
    """Print one row a network."""
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {REPEATS} repeats, milliseconds")
    print(f"{'model':<18}{'ops':>6}{'trace':>9}{'meta forward':>15}{'ratio':>8}")
    for name in MODELS:
        model = torchvision.models.get_model(name, weights=None).eval()
        on_meta = torchvision.models.get_model(name, weights=None).eval().to("meta")
        images = torch.empty(SHAPE, device="meta")
        with torch.no_grad():
            traced, bare = medians(lambda m=model: trace(m, SHAPE), lambda m=on_meta, x=images: m(x))
        ops = len(trace(model, SHAPE).ops)
        print(f"{name:<18}{ops:>6}{traced:>9.2f}{bare:>15.2f}{traced / bare:>8.2f}")


if __name__ == "__main__":
    main()
