"""`convwright demo`: the main job on what ships with the package."""

import time
from typing import TYPE_CHECKING

from .compare import CHAPTER

if TYPE_CHECKING:
    from rich.console import Console


def demo() -> None:
    """Show what convwright does, in a few seconds and without a network.

    Sizes through a stack of layers, the ways to halve a map, what five architectures are, and a pretrained network
    on three photographs.
    """
    from rich.console import Console

    console, start = Console(), time.perf_counter()
    for step in (_sizes, _halvings, _architectures, _photographs):
        step(console)
        console.print()
    console.print(
        f"Done in {time.perf_counter() - start:.1f} s. Next: `convwright analyze resnet50`, `convwright --help`."
    )


def _sizes(console: "Console") -> None:
    from .. import geometry

    stack = [geometry.Window(3, 1, 1), geometry.Window(2, 2)] * 3
    field = geometry.receptive_field(stack)
    console.rule("1. Sizes through (3x3 convolution, 2x2 pool) three times")
    console.print(" -> ".join(str(size) for size in geometry.sizes(32, stack)))
    console.print(
        f"One position of the last map sees {field.receptive_field_px} px; its neighbour, {field.jump_px} on."
    )


def _halvings(console: "Console") -> None:
    import torch
    from rich.table import Table

    from ..layers import Downsample, downsample_names

    console.rule("2. Ways to turn 64 channels of 32x32 into 128 of 16x16")
    table = Table("downsample", "layers", "out")
    table.add_column("parameters", justify="right")
    for kind in downsample_names():
        block = Downsample(64, 128, kind)
        with torch.inference_mode():
            shape = tuple(block.eval()(torch.ones(1, 64, 32, 32)).shape[1:])
        layers = ", ".join(type(layer).__name__ for layer in block)
        table.add_row(kind, layers, "x".join(map(str, shape)), f"{sum(p.numel() for p in block.parameters()):,}")
    console.print(table)


def _architectures(console: "Console") -> None:
    from ..analysis.analyze import analyze
    from ..models import build
    from ..models.published import published_top1
    from ..reports.comparison import Compared, Comparison, comparison_text
    from ..reports.to_text import analysis_text

    console.rule("3. What five architectures are, without computing anything")
    rows = []
    for name in CHAPTER:
        model = build(name, device="meta").eval()
        side = model.config.input_size
        published = published_top1(name)[0]
        facts = analyze(model, (1, 3, side, side), label=name)
        rows.append(Compared(analysis=facts, top1_percent=published.top1_percent, source=published.source))
    console.print(comparison_text(Comparison(rows=tuple(rows)), width=console.width))
    console.print()
    console.print(analysis_text(rows[1].analysis, depth=2, width=console.width))


def _photographs(console: "Console") -> None:
    import torch
    from PIL import Image
    from rich.table import Table

    from ..data import sample_images
    from ..models import build

    console.rule("4. EfficientNet-Lite0 with ImageNet weights, on photographs that ship with the package")
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
