"""What the rules cost beside the analysis they read: `python benchmarks/linter.py benchmarks/results/linter-DATE.json`.

One thread; each round does all three to each model in turn. `analysis` is all that `analyze` can say, every fact of
every op asked for; `rules` is what the rules then take; `lint` is the whole of `lint(model, shape)`.
"""

import gc
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import torch
from torch import nn

import convwright
from convwright.analysis.analyze import analyze
from convwright.analysis.facts import Analysis
from convwright.linter import Settings, lint
from convwright.linter.engine import selected
from convwright.linter.linted_network import LintedNetwork

MODELS = ("vgg16", "resnet50", "densenet121", "efficientnet_b0", "mobilenet_v3_large")
ROUNDS, SHAPE = 11, (1, 3, 224, 224)


def analyzed(model: nn.Module) -> Analysis:
    found = analyze(model, SHAPE)
    found.ops, found.totals, found.fields.unproductive, found.fields.misaligned  # noqa: B018 - each is worked out when asked for
    return found


def judged(model: nn.Module, found: Analysis) -> None:
    modes = {path: False for path, _ in model.named_modules()}
    net = LintedNetwork(model=model, training=modes, settings=Settings(), found=found)
    for rule in selected(Settings()):
        if not rule.reads_failures:
            list(rule.check(net))


def timed(task: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    start = time.perf_counter()
    result = task(*given)
    return result, time.perf_counter() - start


def main() -> None:
    torch.set_num_threads(1)
    models = {name: convwright.build(name) for name in MODELS}
    for model in models.values():
        lint(model.eval(), SHAPE)
    gc.collect()
    gc.freeze()
    times: dict[str, dict[str, list[float]]] = {name: {"analysis": [], "rules": [], "lint": []} for name in MODELS}
    for _ in range(ROUNDS):
        for name, model in models.items():
            found, analysis = timed(analyzed, model)
            spent = {
                "analysis": analysis,
                "rules": timed(judged, model, found)[1],
                "lint": timed(lint, model, SHAPE)[1],
            }
            for what, value in spent.items():
                times[name][what].append(value)
    medians = {
        name: {what: round(1e3 * statistics.median(values), 2) for what, values in rows.items()}
        for name, rows in times.items()
    }
    result = {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "rounds": ROUNDS,
        "num_rules": len(selected(Settings())),
        "median_ms": medians,
    }
    text = json.dumps(result, indent=2) + "\n"
    Path(sys.argv[1]).write_text(text, encoding="utf-8") if len(sys.argv) > 1 else print(text)


if __name__ == "__main__":
    main()
