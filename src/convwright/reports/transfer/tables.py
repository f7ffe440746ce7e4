"""The words and numbers of a comparison of transfer strategies that every format shows."""

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ... import units
from ...training import PRESETS
from ...transfer_learning import STRATEGIES
from ...transfer_learning.strategy_inputs import Tuning
from ..sheet import Sheet
from ..to_html import flat

_BASE = "finetune"  # the recipe that others are told apart from


def strategy_sheet(result: Mapping[str, Any]) -> Sheet:
    """A strategy a line, trained on all images: what it is worth, and what it takes."""
    titles = (
        "strategy", "what learns", "validation, %", "test, %", "95 % interval", "macro-F1, %", "calibration error, %",
        "train - test, points", "features", "training", "peak memory", "trained",
    )  # fmt: skip
    lines = [
        (
            row["strategy"],
            result["titles"][row["strategy"]],
            share_words(row["validation_accuracy"]),
            spread_words(row["test_accuracy"]),
            " to ".join(map(share_words, row["test_interval"])),
            share_words(row["macro_f1"]),
            share_words(row["calibration_error"]),
            share_words(row["gap"]),
            units.seconds(row["feature_seconds"]),
            units.seconds(row["training_seconds"]),
            units.bytes_(row["peak_bytes"]) if row["peak_bytes"] is not None else "unknown",
            units.count(row["num_trained"]) if row["is_network"] else "no network",
        )
        for row in whole_rows(result)
    ]
    return Sheet(titles=titles, lines=lines, num_words=2)


def difference_sheet(result: Mapping[str, Any]) -> Sheet:
    """How much more often the recommended strategy is right than each other network."""
    found = result["recommendation"] or {"strategy": "", "differences": ()}
    lines = []
    for each in found["differences"]:
        interval = each["interval"]
        span = " to ".join(f"{100 * edge:+.1f}" for edge in interval) if interval else "none"
        lines.append((each["strategy"], f"{100 * each['mean']:+.1f}", span))
    titles = ("strategy", f"{found['strategy']} less it, points of test accuracy", "95 % interval, paired by image")
    return Sheet(titles=titles, lines=lines)


def curve_sheet(result: Mapping[str, Any]) -> Sheet:
    """Test accuracy by the number of images learned from: a strategy a line."""
    numbers = {row["share"]: row["num_images"] for row in result["rows"]}
    shares = sorted(numbers)
    cells = {(row["strategy"], row["share"]): spread_words(row["test_accuracy"]) for row in result["rows"]}
    lines = [(name, *(cells.get((name, share), "") for share in shares)) for name in result["titles"]]
    titles = ("strategy", *(f"{numbers[share]:,} images ({100 * share:g} %)" for share in shares))
    return Sheet(titles=titles, lines=lines if len(shares) > 1 else ())


def run_sheet(result: Mapping[str, Any]) -> Sheet:
    """Test accuracy of every run that learned from all images: a strategy a line, a seed a column."""
    runs = [each for each in result["outcomes"] if each["share"] == 1]
    seeds = sorted({each["seed"] for each in runs})
    cells = {(each["strategy"], each["seed"]): share_words(each["test"]["accuracy"]) for each in runs}
    lines = [(name, *(cells.get((name, seed), "") for seed in seeds)) for name in result["titles"]]
    return Sheet(titles=("strategy", *(f"seed {seed}" for seed in seeds)), lines=lines if len(seeds) > 1 else ())


def choice_sheet(result: Mapping[str, Any]) -> Sheet:
    """What was chosen on training and validation images, seed by seed."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in result["outcomes"]:
        if each["share"] == 1:
            for name, value in each["choices"].items():
                shown = f"{value:.3g}" if isinstance(value, float) else str(value)
                found.setdefault((each["strategy"], name), []).append(shown)
    lines = [(strategy, name, ", ".join(values)) for (strategy, name), values in found.items()]
    return Sheet(titles=("strategy", "what", "by seed"), lines=lines, num_words=3)


def layer_group_sheet(layer_groups: Sequence[Mapping[str, Any]]) -> Sheet:
    """What learns, when, and how fast: a stage a line, from the plain values of `layer_group_report`."""
    lines = [
        (
            row["name"],
            _learns(row["starts"]),
            row["norm_mode"],
            ", ".join(f"{lr:.3g}" for lr in row["lrs"]) or "none",
            f"{row['num_parameters']:,}",
            f"{row['num_trained']:,}",
        )
        for row in layer_groups
    ]
    titles = ("stage", "learns", "norms", "highest learning rate", "parameters", "of them trained")
    return Sheet(titles=titles, lines=lines, num_words=3)


def trained_layer_groups(result: Mapping[str, Any]) -> Sheet:
    """The same, of the strategies that train the network; no lines where none does."""
    trained = (each.get("layer_groups") or each.get("parts") for each in result["outcomes"])  # once called parts
    return layer_group_sheet(next(filter(None, trained), ()))


def setting(result: Mapping[str, Any]) -> str:
    """What was compared on what, in two sentences."""
    images, backbone = result["data"]["num_images"], result["backbone"]
    network = backbone["model"] + (f" ({backbone['weights']} weights)" if backbone["weights"] else "")
    seeds = len({each["seed"] for each in result["outcomes"]})
    split = (
        "the validation images that came with them"
        if images["validation"]
        else "a fifth of the training images drawn by each seed to validate with"
    )
    return (
        f"{network} on {result['data']['name']}: {images['train']:,} training and {images['test']:,} test images of "
        f"{len(result['data']['class_names'])} classes, {split}. {len(result['titles'])} strategies, "
        f"{seeds} {'seed' if seeds == 1 else 'paired seeds'}, {units.seconds(result['seconds'])} in all."
    )


def method_notes(result: Mapping[str, Any]) -> list[str]:
    """How the numbers were made."""
    recipe = result["tuning"]["recipe"]
    length = f"{recipe['epochs']} epochs of all images" if recipe["epochs"] else f"{recipe['steps']} steps"
    return [
        f"Strategies that train the network do so for {length}, in batches of {recipe['batch_size']} (recipe "
        f"{recipe['name']}), and take as many steps where they learn from a share of the images.",
        "Validation and test accuracy are means over seeds, with the standard deviation of the seeds; a seed gives all "
        "strategies the same split, and those that train the network the same order of images.",
        "The interval is Wilson's, for the choice of the test images; it leaves out the seeds, whose spread is beside "
        "the mean.",
        "Recommended is, of the strategies that make a network, the one with fewest trained parameters that is within "
        "a standard error of the best on validation images. The test images have no say in it.",
        "Calibration error: how far the network's confidence is from its accuracy, in 15 bins (expected calibration "
        "error).",
        "Seconds of features are those of the training and validation images, when they were computed; each seed's "
        "own share of them. Those of training include no evaluation. Both are medians over seeds.",
        "Peak memory of a strategy on features is that of computing them, where that is more.",
    ]


def command_of(result: Mapping[str, Any]) -> str:
    """The command that does it again."""
    backbone, tuning = result["backbone"], result["tuning"]
    words = [
        "convwright",
        "transfer",
        "--data",
        result["data"]["source"] or result["data"]["name"],
        "--model",
        backbone["model"],
    ]
    if backbone["weights"]:
        words += ["--weights", backbone["weights"]]
    words += _repeated("--arg", (f"{name}={value}" for name, value in backbone["arguments"].items()))
    names = list(result["titles"])
    words += _repeated("--strategy", ["all"] if names == list(STRATEGIES) else names)
    words += ["--seeds", str(len({each["seed"] for each in result["outcomes"]}))]
    words += ["--learning-curve"] * (len({row["share"] for row in result["rows"]}) > 1)
    words += _tuned(tuning)
    recipe = tuning["recipe"]
    base = recipe["name"] if recipe["name"] in PRESETS else _BASE
    words += ["--recipe", base] * (base != _BASE)
    known = dict(flat(json.loads(json.dumps(PRESETS[base].to_dict()))))  # lists for tuples, as in `result`
    changed = (f"{name}={value}" for name, value in flat(recipe) if known.get(name) != value)
    return shlex.join([*words, *_repeated("--set", changed)])


def recommended(result: Mapping[str, Any]) -> str:
    """Name of the strategy to ship; "" where none is."""
    return result["recommendation"]["strategy"] if result["recommendation"] else ""


def answer(result: Mapping[str, Any]) -> str:
    """The recommendation, or that there is none, in a sentence."""
    found = result["recommendation"]
    return found["reason"] if found else "Nothing to ship: none of these strategies makes a network."


def whole_rows(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows that learned from all images."""
    return [row for row in result["rows"] if row["share"] == 1]


def share_words(share: float) -> str:
    """In percent, without the sign."""
    return f"{100 * share:.1f}"


def spread_words(found: Mapping[str, Any]) -> str:
    """Mean and standard deviation of the plain values of an `Estimate`, in percent."""
    deviation = found["standard_deviation"]
    return share_words(found["mean"]) + (f" ± {share_words(deviation)}" if deviation is not None else "")


def _learns(starts: float) -> str:
    if starts == 1:
        return "never (frozen)"
    return f"after {100 * starts:.3g} % of the steps" if starts else "from the first step"


def _repeated(option: str, values: Iterable[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def _tuned(tuning: Mapping[str, Any]) -> list[str]:
    words = []
    if tuning["lr_decay"] != Tuning.lr_decay:
        words += ["--lr-decay", f"{tuning['lr_decay']:g}"]
    if tuning["unfrozen_by"]:
        words += ["--unfrozen-by", f"{tuning['unfrozen_by']:g}"]
    return words + _repeated("--freeze", tuning["freeze"])
