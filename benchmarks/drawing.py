"""Time to draw a network: its graph, its folding, and its layout and SVG, folded and wholly unfolded.

`python benchmarks/drawing.py benchmarks/results/drawing-DATE.json`. Times are the smallest of three; those of the
process are without what other processes of the machine take.
"""

import json
import platform
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.analysis.drawing import default_depth, network_graph, unfolded_to, visible
from convwright.reports.drawing.layout import LayoutEngine
from convwright.reports.drawing.svg import drawing

REPEATS = 3


class Flat(nn.Module):
    """1,000 ops in one module, without blocks to fold."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add and clip, 500 times."""
        for _ in range(500):
            x = (x + 1).relu()
        return x


def networks() -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    image = (1, 3, 224, 224)
    names = ("resnet50", "resnet152", "densenet121", "efficientnet_b7", "swin_b")
    with torch.device("meta"):
        found = {name: (torchvision.models.get_model(name, weights=None), image) for name in names}
    return {**found, "1,000 ops in one module": (Flat(), (1, 8, 16, 16))}


def timed(function: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """The smallest wall and process times of a call, and what it returned."""
    wall, process, result = [], [], None
    for _ in range(REPEATS):
        start, own = time.perf_counter(), time.process_time()
        result = function()
        wall.append(time.perf_counter() - start)
        process.append(time.process_time() - own)
    return {"seconds": min(wall), "process_seconds": min(process)}, result


def main() -> None:
    torch.set_num_threads(1)
    engine_times, engine = timed(LayoutEngine)
    rows = []
    for name, (module, shape) in networks().items():
        found = analyze(module.eval(), shape)
        times, graph = timed(lambda found=found: network_graph(found))
        row: dict[str, Any] = {"network": name, "ops": len(found.ops), "graph": times}
        for key, depth in (("folded", default_depth(graph)), ("unfolded", graph.depth)):
            seen = visible(graph, unfolded_to(graph, depth))
            drawn, svg = timed(lambda seen=seen: drawing(seen, engine))
            row[key] = {"depth": depth, "boxes": len(seen.nodes), "bytes": len(str(svg).encode()), **drawn}
        rows.append(row)
        print(json.dumps(row))
    result = {
        "date": str(date.today()),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "engine": engine_times,
        "rows": rows,
    }
    Path(sys.argv[1]).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
