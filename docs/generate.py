"""Write the generated pages of docs/ from the code: `python docs/generate.py`, or `--check` to compare only.

Words come from docstrings, figures from configs and built models; nothing on these pages is edited by hand.
"""

import inspect
import json
import math
import sys
from pathlib import Path
from string import Template

import drawing_page
import pictures
import study_pages
import torch
import transfer_page
from benchmark_page import benchmarks_page
from linter_pages import linter_page, rule_pages
from markdown import first_line, section, table
from rooms_page import rooms_page
from statistics_page import statistics_page
from training_page import training_page

import convwright
from convwright import layers, models, units
from convwright.analysis import facts, flop_rules, macs, memory
from convwright.graph import trace
from convwright.models.efficientnet import OFFICIAL
from convwright.models.efficientnet_lite import OFFICIAL_LITE

HERE = Path(__file__).parent
NOTE = "<!-- Written by docs/generate.py. Do not edit: change the code it reads. -->\n\n"


def layers_page() -> str:
    pools = [
        [f"`{name}`", type_name(brick), f"`{brick.formula}`", brick.best_for, brick.downside]
        for name, brick in layers.poolings().items()
    ]
    text = "# Layers\n\n## Pooling, side by side\n\n"
    text += (
        "`downsample=`, in `Downsample` and in every architecture, takes each of these names but `global_average`,\n"
    )
    text += "and `strided` for a strided convolution instead of a pool.\n\n"
    text += table(["name", "layer", "what it computes over a window x", "best for", "downside"], pools)
    text += "\n## All layers\n\n"
    rows = []
    for name in layers.__all__:
        thing = getattr(layers, name)
        if inspect.isclass(thing) and issubclass(thing, torch.nn.Module):
            rows.append([f"`{name}`", first_line(thing), section(thing, "Shape"), section(thing, "Source")])
    return text + table(["layer", "what it does", "shape", "source"], rows)


def type_name(brick: layers.Brick) -> str:
    return f"`{brick.layer.__name__}`"


def models_page() -> str:
    text = "# Models\n\n`convwright.build(name)` builds each of these. Options are the fields of the family's config.\n"
    for family_name, family in models.families().items():
        home = sys.modules[family.module.__module__]
        module = sys.modules[f"convwright.models.{family_name}"]
        text += f"\n## {family_name}\n\n{inspect.getdoc(module)}\n\n"
        if home is not module:
            text += f"Built as `{family.module.__name__}` of `{home.__name__.rpartition('.')[2]}.py`.\n\n"
        elif source := section(family.module, "Source"):
            text += f"Source: {source}\n\n"
        rows = []
        for name, config in family.variants.items():
            model = models.build(name, device="meta")
            parameters = sum(p.numel() for p in model.parameters())
            shape = (config.in_channels, config.input_size, config.input_size)
            cost = macs.count_macs(trace(model.eval(), (1, *shape))).macs
            rows.append([f"`{name}`", f"{parameters:,}", f"{cost:,}", str(model.num_features), units.size(shape)])
        text += table(["name", "parameters", "MACs", "features", "default input"], rows)
    return text


def scaling_page() -> str:
    paper = models.compound(1)
    text = f"""# Compound scaling: the formula and the released nets

Tan & Le 2019 (section 3.3, equation 3) scale depth by alpha^phi, width by beta^phi and resolution by gamma^phi, with
alpha = {paper.alpha}, beta = {paper.beta}, gamma = {paper.gamma}, so that alpha * beta^2 * gamma^2 =
{paper.compute_per_step:.3f} is close to 2 and a step of phi about doubles the compute.

The released nets do **not** lie on that curve. For each of them the table gives the phi that its depth, its width and
its resolution would each need: were the formula the table, the three would agree. `compound(phi)` follows the formula,
`build("efficientnet_b4")` the release.

"""
    rows = []
    for name, (width, depth, resolution, _) in {**OFFICIAL, **OFFICIAL_LITE}.items():
        phis = [
            math.log(depth) / math.log(paper.alpha),
            math.log(width) / math.log(paper.beta),
            math.log(resolution / 224) / math.log(paper.gamma),
        ]
        net = models.build(f"efficientnet_{name}", device="meta").eval()
        cost = units.count(macs.count_macs(trace(net, (1, 3, resolution, resolution))).macs)
        rows.append([name, str(depth), str(width), f"{resolution} px", *(f"{phi + 0.0:.2f}" for phi in phis), cost])
    titles = ["net", "depth", "width", "resolution", "phi by depth", "phi by width", "phi by resolution", "MACs"]
    text += table(titles, rows)
    text += "\n## The formula itself, applied to B0\n\n"
    text += (
        "Widths are rounded to multiples of 8 and depths up, so that the compute does not grow exactly as promised.\n\n"
    )
    rows = []
    base = macs.count_macs(trace(models.build("efficientnet_b0", device="meta").eval(), (1, 3, 224, 224))).macs
    for phi in (0, 0.5, 1, 2, 3, 4, 5, 6, 7):
        scaling = models.compound(phi)
        config = scaling.apply(models.config_of("efficientnet_b0"))
        net = models.build("efficientnet_b0", device="meta", width=config.width, depth=config.depth).eval()
        cost = macs.count_macs(trace(net, (1, 3, config.input_size, config.input_size))).macs
        cells = (
            f"{phi:g}",
            f"{scaling.depth:.2f}",
            f"{scaling.width:.2f}",
            f"{config.input_size} px",
            units.count(cost),
        )
        rows.append([*cells, f"{cost / base:.2f}", f"{scaling.compute_per_step**phi:.2f}"])
    titles = ["phi", "depth", "width", "resolution", "MACs", "times B0", "(alpha beta^2 gamma^2)^phi"]
    return text + table(titles, rows)


def analyzer_page() -> str:
    found = convwright.analyze(models.build("resnet20", device="meta").eval(), (1, 3, 32, 32), label="resnet20")
    shown = {**found.to_dict(), "ops": [found.ops[0].to_dict()]}
    shown["ops"][0]["source"] = "net.py:41"
    rules = [
        *([kinds.replace(" ", ", "), f"{flops} an element made"] for kinds, flops in flop_rules.PER_OUTPUT.items()),
        *([kinds.replace(" ", ", "), f"{flops} an element read"] for kinds, flops in flop_rules.PER_INPUT.items()),
    ]
    optimizers = [[name, str(numbers)] for name, numbers in memory.OPTIMIZERS.items()]
    prose = Template((HERE / "templates/analyzer.md").read_text(encoding="utf-8"))
    return prose.substitute(
        convention=macs.CONVENTION,
        complex_convention=macs.COMPLEX_CONVENTION,
        schema=facts.SCHEMA,
        json=json.dumps(shown, indent=2),
        flops=table(["ops", "FLOPs"], rules),
        optimizers=table(["optimizer", "numbers a trainable parameter"], optimizers),
    )


PAGES = {
    "layers.md": layers_page,
    "models.md": models_page,
    "analyzer.md": analyzer_page,
    "compound-scaling.md": scaling_page,
    "benchmarks.md": benchmarks_page,
    "linter.md": linter_page,
    "drawings.md": drawing_page.drawings_page,
    "training.md": training_page,
    "statistics.md": statistics_page,
    "studies.md": study_pages.studies_page,
    "transfer.md": transfer_page.transfer_page,
    "rooms.md": rooms_page,
    **rule_pages(),
    **study_pages.study_pages(),
}


def main() -> int:
    stale = []
    wanted_texts = {name: NOTE + page() for name, page in PAGES.items()}
    for name, text in (*wanted_texts.items(), *drawing_page.drawings().items()):
        path = HERE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for left in {*HERE.glob("rules/*.md"), *HERE.glob("studies/*.md")} - {HERE / name for name in PAGES}:
        stale.append(str(left.relative_to(HERE)))
        if "--check" not in sys.argv:
            left.unlink()
    wanted = study_pages.wanted_pictures() | transfer_page.wanted_pictures()
    there = {*HERE.glob("studies/*.png"), *HERE.glob("transfer/*.png")} - set(transfer_page.kept_photographs())
    stale += pictures.stale(wanted, there, write="--check" not in sys.argv)
    if stale:
        print("stale:" if "--check" in sys.argv else "wrote:", ", ".join(stale))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
