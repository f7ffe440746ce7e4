"""`convwright demo`: the main job on what ships with the package."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..extras import require_extra

if TYPE_CHECKING:
    from rich.console import Console

FOLDER = Path("convwright-demo")
ARCHITECTURES = ("vgg16", "resnet50", "mobilenet_v3_large")
ARM, BUDGET, SEEDS, WORKERS, CHANGES = "strided", "quick", 6, 2, ("epochs=4",)
_NET = Path(__file__).parent / "templates/flawed_net.py.txt"


def demo() -> None:
    """Show what convwright does, in about two minutes and without a network.

    The ways to halve a map, what three architectures are, a pretrained network on three photographs, a flawed network
    found and fixed, and a small study with its report. What it writes is in convwright-demo; what is trained there
    already is not trained again.
    """
    from rich.console import Console

    require_extra("study", "transfer")
    console, start = Console(), time.perf_counter()
    for step in (_halvings, _architectures, _photographs, _flaws):
        step(console)
        console.print()
    page = _study(console)
    console.print(f"\nDone in {time.perf_counter() - start:.0f} s. Next: `convwright --help`; and open this page:")
    typer.echo(page)


def _halvings(console: "Console") -> None:
    import torch
    from rich.table import Table

    from .. import geometry
    from ..layers import Downsample, downsample_names

    console.rule("1. What can I build it from? Ways to turn 64 channels of 32x32 into 128 of 16x16")
    table = Table("downsample", "layers", "out")
    table.add_column("parameters", justify="right")
    for kind in downsample_names():
        block = Downsample(64, 128, kind)
        with torch.inference_mode():
            shape = tuple(block.eval()(torch.ones(1, 64, 32, 32)).shape[1:])
        layers = ", ".join(type(layer).__name__ for layer in block)
        table.add_row(kind, layers, "x".join(map(str, shape)), f"{sum(p.numel() for p in block.parameters()):,}")
    console.print(table)
    stack = [geometry.Window(3, 1, 1), geometry.Window(2, 2)] * 3
    sizes = " -> ".join(str(size) for size in geometry.sizes(32, stack))
    field = geometry.receptive_field(stack).receptive_field_px
    console.print(f"Three times (3x3 convolution, 2x2 pool): {sizes}; a position of the last map sees {field} px.")


def _architectures(console: "Console") -> None:
    from ..analysis.analyze import analyze
    from ..models import build
    from ..models.published import published_top1
    from ..reports.analysis.comparison import ComparedNetwork, NetworkComparison, comparison_text
    from ..reports.analysis.layers import TableChoice
    from ..reports.analysis.text import analysis_text

    console.rule("2. What is this network? Three of them, without computing anything")
    rows, analyses = [], []
    for name in ARCHITECTURES:
        model = build(name, device="meta").eval()
        side = model.config.input_size
        published = published_top1(name)[0]
        analyses.append(analyze(model, (1, 3, side, side), label=name))
        rows.append(ComparedNetwork.of(analyses[-1], top1_percent=published.top1_percent, source=published.source))
    console.print(comparison_text(NetworkComparison(rows=tuple(rows)), width=console.width))
    console.print()
    console.print(analysis_text(analyses[1], TableChoice(by_stage=True), width=console.width))


def _photographs(console: "Console") -> None:
    import torch
    from PIL import Image
    from rich.table import Table

    from ..data import sample_images
    from ..models import build

    console.rule("3. EfficientNet-Lite0 with ImageNet weights, on photographs that ship with the package")
    model = build("efficientnet_lite0", weights="package").eval()
    prepare, class_names = model.preprocessing, model.class_names
    if prepare is None or class_names is None:
        raise LookupError("these weights come with both")
    table = Table("photograph", "what the network sees (probability)")
    for name, path in sample_images().items():
        with Image.open(path) as image, torch.inference_mode():
            probabilities = model(prepare(image)[None]).softmax(1)[0]
        top = probabilities.topk(3)
        seen = (f"{class_names[i]} ({p:.2f})" for p, i in zip(top.values.tolist(), top.indices.tolist(), strict=True))
        table.add_row(name, ", ".join(seen))
    console.print(table)


def _flaws(console: "Console") -> None:
    from rich.syntax import Syntax

    from ..files import write
    from ..linter.config import Config
    from ..reports.findings.text import findings_text, fixes_text, summary
    from ._lint_jobs import lint_models
    from ._lint_run import LintOrder

    file = FOLDER / "net.py"
    console.rule("4. What is wrong with it? A first CNN, linted and fixed")
    console.print(f"$ convwright lint {file} --input 3x32x32 --fix --unsafe-fixes", style="dim", highlight=False)
    write(file, _NET.read_bytes())
    model = f"{file}:Net"
    order = LintOrder(config=Config(), inputs=("3x32x32",))
    console.print(findings_text(lint_models([model], order).reports), highlight=False)
    fixed = lint_models([model], replace(order, fixes=True, unsafe=True)).written()
    console.print(Syntax(fixed.diff, "diff", background_color="default", word_wrap=True))
    console.print(fixes_text(fixed.outcomes, is_written=True))
    console.print(f"Left: {summary(fixed.reports)}.", highlight=False)


def _study(console: "Console") -> Path:
    from ..studies import make_plan, run_plan, study_named
    from ._study_report import print_study_report
    from ._study_tables import heading, table_of_arms
    from ._study_watch import watching

    console.rule("5. Does the choice matter? Two arms of the pooling study")
    changes = " ".join(f"--set {change}" for change in CHANGES)
    words = f"study run pooling --arm {ARM} --seeds {SEEDS} {changes} --workers {WORKERS} --run {FOLDER}"
    console.print(f"$ convwright {words}", style="dim", highlight=False)
    plan = make_plan(study_named("pooling"), budget=BUDGET, arms=(ARM,), seeds=SEEDS, overrides=CHANGES)
    console.print(heading(plan), highlight=False)
    console.print(table_of_arms(plan))
    with watching(plan, console) as watch:
        found = run_plan(plan, folder=FOLDER, workers=WORKERS, watch=watch)
    return print_study_report(plan, found, FOLDER / "report")
