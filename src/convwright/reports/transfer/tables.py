"""Tables and notes of a comparison of transfer strategies that every format shows."""

import shlex
from collections.abc import Iterable, Sequence

from ... import units
from ...statistics import Estimate
from ...training import PRESETS, LayerGroupRow
from ...transfer_learning import STRATEGIES
from ...transfer_learning.strategy_inputs import Tuning
from ...transfer_learning.summary import TransferSummary
from ..sheet import Sheet
from ..to_html import flat

_BASE = "finetune"  # the recipe that others are told apart from
_TITLES = (
    "strategy",
    "what learns",
    "validation, %",
    "test, %",
    "95 % interval",
    "macro-F1, %",
    "calibration error, %",
    "train - test, points",
    "features",
    "training",
    "peak memory",
    "trained",
)


def strategy_sheet(result: TransferSummary) -> Sheet:
    """A strategy a line, trained on all images: how good it is, and what it takes."""
    lines = [
        (
            row.strategy,
            result.titles[row.strategy],
            share_words(row.validation_accuracy),
            spread_words(row.test_accuracy),
            " to ".join(map(share_words, row.test_interval)),
            share_words(row.macro_f1),
            share_words(row.calibration_error),
            share_words(row.gap),
            units.seconds(row.feature_seconds),
            units.seconds(row.training_seconds),
            units.bytes_(row.peak_bytes) if row.peak_bytes is not None else "unknown",
            units.count(row.num_trained) if row.is_network else "no network",
        )
        for row in result.whole_rows
    ]
    return Sheet(titles=_TITLES, lines=lines, num_words=2)


def difference_sheet(result: TransferSummary) -> Sheet:
    """Test accuracy of the recommended strategy less that of each other network."""
    found = result.recommendation
    lines = []
    for each in found.differences if found else ():
        span = " to ".join(f"{100 * edge:+.1f}" for edge in each.interval) if each.interval else "none"
        lines.append((each.strategy, f"{100 * each.mean:+.1f}", span))
    less = f"{found.strategy if found else ''} less it, points of test accuracy"
    return Sheet(titles=("strategy", less, "95 % interval, paired by image"), lines=lines)


def curve_sheet(result: TransferSummary) -> Sheet:
    """Test accuracy by the number of images learned from: a strategy a line."""
    numbers = {row.share: row.num_images for row in result.rows}
    shares = sorted(numbers)
    cells = {(row.strategy, row.share): spread_words(row.test_accuracy) for row in result.rows}
    lines = [(name, *(cells.get((name, share), "") for share in shares)) for name in result.titles]
    titles = ("strategy", *(f"{numbers[share]:,} images ({100 * share:g} %)" for share in shares))
    return Sheet(titles=titles, lines=lines if len(shares) > 1 else ())


def run_sheet(result: TransferSummary) -> Sheet:
    """Test accuracy of every run that learned from all images: a strategy a line, a seed a column."""
    runs = [each for each in result.outcomes if each.share == 1]
    seeds = sorted({each.seed for each in runs})
    cells = {(each.strategy, each.seed): share_words(each.test_accuracy) for each in runs}
    lines = [(name, *(cells.get((name, seed), "") for seed in seeds)) for name in result.titles]
    return Sheet(titles=("strategy", *(f"seed {seed}" for seed in seeds)), lines=lines if len(seeds) > 1 else ())


def choice_sheet(result: TransferSummary) -> Sheet:
    """Values chosen on training and validation images, seed by seed."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in result.outcomes:
        if each.share == 1:
            for name, value in each.choices.items():
                shown = f"{value:.3g}" if isinstance(value, float) else str(value)
                found.setdefault((each.strategy, name), []).append(shown)
    lines = [(strategy, name, ", ".join(values)) for (strategy, name), values in found.items()]
    return Sheet(titles=("strategy", "what", "by seed"), lines=lines, num_words=3)


def layer_group_sheet(layer_groups: Sequence[LayerGroupRow]) -> Sheet:
    """Layer groups with when and how fast they learn: a stage a line."""
    lines = []
    for row in layer_groups:
        learns = f"after {100 * row.starts:.3g} % of the steps" if row.starts else "from the first step"
        rates = ", ".join(f"{lr:.3g}" for lr in row.lrs) or "none"
        numbers = (f"{row.num_parameters:,}", f"{row.num_trained:,}")
        lines.append((row.name, "never (frozen)" if row.starts == 1 else learns, row.norm_mode, rates, *numbers))
    titles = ("stage", "learns", "norms", "highest learning rate", "parameters", "of them trained")
    return Sheet(titles=titles, lines=lines, num_words=3)


def trained_layer_groups(result: TransferSummary) -> Sheet:
    """Layer groups of the strategies that train the network; no lines where none does."""
    return layer_group_sheet(next((each.layer_groups for each in result.outcomes if each.layer_groups), ()))


def setting(result: TransferSummary) -> str:
    """Return what was compared on what, in two sentences."""
    images, name = result.data["num_images"], result.name
    network = name.text + (f" ({name.weights} weights)" if name.weights else "")
    split = (
        "the validation images that came with them"
        if images["validation"]
        else "a fifth of the training images drawn by each seed to validate with"
    )
    seeds = f"{result.num_seeds} {'seed' if result.num_seeds == 1 else 'paired seeds'}"
    return (
        f"{network} on {result.data['name']}: {images['train']:,} training and {images['test']:,} test images of "
        f"{len(result.data['class_names'])} classes, {split}. {len(result.titles)} strategies, "
        f"{seeds}, {units.seconds(result.seconds)} in all."
    )


def method_notes(tuning: Tuning) -> list[str]:
    """Return how the numbers were made."""
    recipe = tuning.recipe
    length = f"{recipe.epochs} epochs of all images" if recipe.epochs else f"{recipe.steps} steps"
    return [
        f"Strategies that train the network do so for {length}, in batches of {recipe.batch_size} (recipe "
        f"{recipe.name}), and take as many steps where they learn from a share of the images.",
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


def command_of(result: TransferSummary) -> str:
    """Return the command that does it again."""
    name, tuning = result.name, result.tuning
    words = ["convwright", "transfer", "--data", result.data["source"] or result.data["name"], "--model", name.text]
    words += ["--weights", name.weights] if name.weights else []
    words += _repeated("--arg", (f"{key}={value}" for key, value in name.arguments.items()))
    names = list(result.titles)
    words += _repeated("--strategy", ["all"] if names == list(STRATEGIES) else names)
    words += ["--seeds", str(result.num_seeds)]
    words += ["--learning-curve"] * (len({row.share for row in result.rows}) > 1)
    words += ["--lr-decay", f"{tuning.lr_decay:g}"] if tuning.lr_decay != Tuning.lr_decay else []
    words += ["--unfrozen-by", f"{tuning.unfrozen_by:g}"] if tuning.unfrozen_by else []
    words += _repeated("--freeze", tuning.freeze)
    base = tuning.recipe.name if tuning.recipe.name in PRESETS else _BASE
    words += ["--recipe", base] * (base != _BASE)
    known = dict(flat(PRESETS[base].to_dict()))
    changed = (f"{key}={value}" for key, value in flat(tuning.recipe.to_dict()) if known.get(key) != value)
    return shlex.join([*words, *_repeated("--set", changed)])


def answer(result: TransferSummary) -> str:
    """Return the recommendation, or that there is none, in a sentence."""
    found = result.recommendation
    return found.reason if found else "Nothing to ship: none of these strategies makes a network."


def share_words(share: float) -> str:
    """Return a share in percent, without the sign."""
    return f"{100 * share:.1f}"


def spread_words(found: Estimate) -> str:
    """Return mean and standard deviation, in percent."""
    deviation = found.standard_deviation
    return share_words(found.mean) + (f" ± {share_words(deviation)}" if deviation is not None else "")


def _repeated(option: str, values: Iterable[str]) -> list[str]:
    return [word for value in values for word in (option, value)]
