"""The page of benchmarks, from the newest result of each."""

import json
import statistics
import textwrap
from collections import Counter
from pathlib import Path
from string import Template
from typing import Any

from markdown import table

HERE = Path(__file__).parent


def newest(name: str) -> dict[str, Any]:
    """The last result of benchmarks/NAME.py, as it was measured."""
    found: dict[str, Any] = json.loads(
        sorted((HERE.parent / "benchmarks/results").glob(f"{name}-*.json"))[-1].read_text(encoding="utf-8")
    )
    return found


def _speed() -> str:
    """The newest result of benchmarks/speed.py."""
    result = newest("speed")
    rows = []
    ours = result["process_ms"]["convwright"]
    for tool, found in result["process_ms"].items():
        factors = [time / ours[name] for name, time in found.items() if not isinstance(time, str)]
        failed = sum(isinstance(time, str) for time in found.values())
        notes = f"{failed} of {len(found)} failed" if failed else ""
        if not factors:
            rows.append([tool, next(iter(found.values())), "", notes])
            continue
        spread = f"{statistics.median(factors):.2f}x ({min(factors):.2f} to {max(factors):.2f})"
        times = [time for time in found.values() if not isinstance(time, str)]
        rows.append([tool, f"{statistics.median(times):.1f} ms", spread, notes])
    words = Template((HERE / "templates/benchmarks.md").read_text(encoding="utf-8")).substitute(result)
    text = "\n\n".join(textwrap.fill(each, 120) for each in words.strip().split("\n\n")) + "\n"
    networks = table(
        ["network", *result["process_ms"]],
        [
            [
                name,
                *(
                    f"{found[name]:.0f}" if not isinstance(found[name], str) else "-"
                    for found in result["process_ms"].values()
                ),
            ]
            for name in ours
        ],
    )
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    summary = table(["tool", "median of the networks", "times ours, median (range)", ""], rows)
    return f"{text}\n{summary}\nProcess time of each network, ms:\n\n{networks}\nVersions: {versions}.\n"


def _training() -> str:
    """The newest result of benchmarks/training.py, a table for each network."""
    result = newest("training")
    text = Template((HERE / "templates/training_benchmark.md").read_text(encoding="utf-8")).substitute(result)
    for model, found in result["models"].items():
        loops, numerics = found["loops"], found["numerics"]
        layout = "channels_last" if numerics["channels_last"] else "NCHW"
        text += f"\n### {model}, for which ours chose {numerics['precision']} and {layout}\n\n"
        rows = []
        for name, row in loops.items():
            if "failed" in row:
                rows.append([name, row["failed"], "", "", "", ""])
                continue
            pairs = zip(loops["convwright"]["images_per_second"], row["images_per_second"], strict=True)
            factors = [a / b for a, b in pairs]
            spread = f"{statistics.median(factors):.2f}x ({min(factors):.2f} to {max(factors):.2f})"
            peak = row["peak_bytes"]
            parts = (peak["process"], peak["process"] - peak["before"], peak["workers"])
            memory = [f"{part / 2**20:.0f} MiB" for part in parts]
            rows.append([name, f"{row['median_images_per_second']:.0f}", spread, *memory])
        text += table(["loop", "images/s", "ours to it", "peak memory", "rise", "workers"], rows)
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    return f"{text}\nVersions: {versions}.\n"


def _speedrun() -> str:
    """The newest result of benchmarks/speedrun.py."""
    result = newest("speedrun")
    titles = {"ours": "`speed_cnn`, `cifar-speedrun`", "reference": "the method it is compared with"}
    least = result["kinds"]["reference"]
    rows = []
    for kind, found in result["kinds"].items():
        spread = f" ± {100 * found['sd_accuracy']:.2f}" if found["sd_accuracy"] is not None else ""
        compute, seconds = found["macs_times_images"], found["median_seconds"]
        rows.append(
            [
                titles[kind], str(found["n"]), f"{100 * found['mean_accuracy']:.2f}{spread}",
                f"{compute / 1e12:.1f} T ({compute / least['macs_times_images']:.2f}x)",
                f"{seconds:.0f} s ({seconds / least['median_seconds']:.2f}x)",
            ]
        )  # fmt: skip
    text = Template((HERE / "templates/speedrun.md").read_text(encoding="utf-8")).substitute(result)
    note = f"\n{result['note']}\n" if "note" in result else ""
    return text + table(["method", "seeds", "test accuracy, %", "MACs x images", "median time"], rows) + note


def _features() -> str:
    """The newest result of benchmarks/features.py."""
    result = newest("features")
    rows = [
        [
            kind,
            f"{1e3 * statistics.median(row[f'{key}_epoch_seconds'] for row in result['rows']):,.1f} ms",
            ", ".join(f"{100 * row[f'{key}_accuracy']:.1f}" for row in result["rows"]),
        ]
        for kind, key in (("features computed once", "cached"), ("the backbone in every epoch", "direct"))
    ]
    words = (
        f"A linear probe on EfficientNet-Lite0, {result['num_images']} photographs of {result['data']}, "
        f"{result['epochs']} epochs, {len(result['rows'])} repetitions with a seed each, one thread, {result['date']} "
        f"(`python benchmarks/features.py DATA OUT.json`). With features computed once an epoch is "
        f"{result['median_times']:,.0f} times as fast ({min(result['times']):,.0f} to {max(result['times']):,.0f}); "
        f"the features themselves differ by at most {result['largest_difference']:.1g}."
    )
    titles = ["method", "an epoch, median", "validation accuracy, %"]
    return f"{textwrap.fill(words, 120)}\n\n{table(titles, rows)}"


def _studio() -> str:
    """The newest result of benchmarks/studio.py."""
    result = newest("studio")
    rows = [
        [what, str(found["n"]), *(f"{found[f'{name}_ms']:.0f} ms" for name in ("median", "p95", "most"))]
        for what, found in (*result["turns"].items(), (f"{result['many_tabs']['tabs']} tabs", result["many_tabs"]))
    ]
    resident, changes = result["memory"]["resident_mib_every_50"], result["memory"]["changes"]
    words = (
        f"From the change of a control in a browser to the painted picture, {result['date']} "
        f"(`python benchmarks/studio.py OUT.json`; {result['browser']}, which draws without a graphics card, and the "
        f"server share two cores). Each turn leads to a design that was not looked at before. The tabs all turn knobs "
        f"of resnet50, each one every {result['many_tabs']['pause_ms'] / 1000:.0f} s on average. Resident memory of "
        f"the server over {changes} changes: {resident[0]:.0f} MiB before, {resident[-1]:.0f} MiB after, at most "
        f"{max(resident):.0f} MiB."
    )
    return f"{textwrap.fill(words, 120)}\n\n{table(['design', 'turns', 'median', '95th percentile', 'longest'], rows)}"


def _wild() -> str:
    """The newest result of benchmarks/wild.py."""
    result = newest("wild")
    states = ("looked at", "in part", "refused", "excluded")
    rows, total = [], Counter[str]()
    for package, found in (*result["packages"].items(), ("all", total)):
        total.update(found if found is not total else {})
        counted = sum(found.get(state, 0) for state in states)
        rest = max(counted - found.get("excluded", 0), 1)
        wholly, partly = (found.get(state, 0) for state in states[:2])
        shares = [f"{wholly / rest:.0%}", f"{(wholly + partly) / rest:.0%}"]
        rows.append([package, str(counted), *(str(found.get(state, 0)) for state in states), *shares])
    reasons = [[reason, str(number)] for reason, number in result["excluded"].items()]
    words = (
        f"`{result['command']}` where packages are installed, {result['date']}, torch {result['versions']['torch']}, "
        f"{result['seconds']} s on two cores. Each Python file of these packages is linted "
        "as it lies, nothing else being said. A file counts if it holds a subclass of `nn.Module` with a `forward` of "
        "its own. It is looked at if each of its networks was "
        "linted, in part if one was; it is excluded only for a reason of the second table, which the class itself or "
        f"its error tells: {total['excluded'] / sum(total[each] for each in states):.0%} are. The last columns are "
        "the shares of the files that are not excluded which were looked at wholly, and at least in part."
    )
    if result["computing nothing"]:
        words += f" {result['computing nothing']} of the files that were looked at hold nothing but modules that "
        words += "compute nothing, such as an identity."
    words += f" {result['remark']}" if "remark" in result else ""
    named = ["package", "files", *states, "wholly", "at least in part"]
    return f"{textwrap.fill(words, 120)}\n\n{table(named, rows)}\n{table(['excluded since it', 'files'], reasons)}"


_TASKS = {"optical_flow": "optical flow", "quantization": "quantized"}


def _families() -> str:
    """The newest result of benchmarks/families.py: a row for each task of torchvision, one for timm, and the sums."""
    result = newest("families")
    networks = result["networks"]
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in networks.values():
        task = f"torchvision: {_TASKS.get(row['family'], row['family'])}" if row["library"] == "torchvision" else "timm"
        groups.setdefault(task, []).append(row)
    rows = []
    for group, found in (*sorted(groups.items(), reverse=True), ("all", list(networks.values()))):
        unknown = ("uncounted", "unknown_fields", "memory")
        told = [
            sum(not row.get("error") for row in found), sum(bool(row.get("needed_values_at")) for row in found),
            *(sum(bool(row.get(what)) for row in found) for what in unknown),
        ]  # fmt: skip
        rows.append([group, str(len(found)), *map(str, told)])
    single = [
        [f"`{row['network']}`", *(_family_words(row, what) for what in ("needed_values_at", *unknown))]
        for row in networks.values()
        if any(row.get(what) for what in ("needed_values_at", *unknown))
    ]
    failed = [f"`{row['network']}` ({row['error']})" for row in networks.values() if row.get("error")]
    words = (
        f"Every network of torchvision and the smallest of each of the {len(groups['timm'])} families of timm, "
        f"{result['date']} (`{result['command']} OUT.json`), each in a process of its own, without weights. Quantized "
        "networks are analyzed as floats and as `quantize=True` makes them. The tables say which networks were "
        "computed, since their path depends on numbers, and of which ops something is unknown. "
        f"{'Failed: ' + ', '.join(failed) if failed else 'None fails'}."
    )
    titles = ["networks", "analyzed", "of them computed", "ops not counted", "fields not known", "memory not known"]
    text = f"{textwrap.fill(words, 120)}\n\n{table(['', *titles], rows)}\n"
    return text + table(["network", "numbers are needed at", *titles[3:]], single)


def _family_words(row: dict[str, Any], what: str) -> str:
    found = row.get(what, ())
    return (
        ", ".join(f"{kind} ({count})" for kind, count in found.items()) if isinstance(found, dict) else ", ".join(found)
    )


def _drawing() -> str:
    """The newest result of benchmarks/drawing.py."""
    result = newest("drawing")
    rows = []
    for row in result["rows"]:
        cells = [f"{row[key]['process_seconds']:.2f} s, {row[key]['boxes']} boxes" for key in ("folded", "unfolded")]
        rows.append([row["network"], str(row["ops"]), f"{1e3 * row['graph']['process_seconds']:.0f} ms", *cells])
    words = (
        f"Layout and SVG, folded as `draw` does it without `--depth`, and wholly unfolded, {result['date']} "
        "(`python benchmarks/drawing.py OUT.json`): process time, the smallest of three. The graph is made once, "
        f"and the engine starts in {1e3 * result['engine']['process_seconds']:.0f} ms."
    )
    titles = ["network", "ops", "graph from an analysis", "folded", "unfolded"]
    return f"{textwrap.fill(words, 120)}\n\n{table(titles, rows)}"


def benchmarks_page() -> str:
    """The newest results of benchmarks/, as they were measured."""
    result = newest("analyzer")
    names = list(result["models"])
    tools = list(result["models"][names[0]])
    text = f"# Benchmarks\n\n## The analyzer beside its peers\n\n{_speed()}\n## MACs that each tool reports, in G\n\n"
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    text += f"`python benchmarks/analyzer.py`, {result['date']}: {versions}.\n\n"
    reported = []
    for tool in tools:
        counts = [result["models"][name][tool].get("gmacs") for name in names]
        reported.append([tool, *("" if count is None else f"{count:.3f}" for count in counts)])
    text += table(["tool", *names], reported)
    text += "\n## Linear in ops\n\n"
    depths = []
    for row in result["linearity"]:
        seconds = row["median_seconds"]
        depths.append([str(row["ops"]), f"{1e3 * seconds:.0f} ms", f"{1e6 * seconds / row['ops']:.0f} us"])
    text += table(["ops", "full analysis", "per op"], depths)
    cold = result["cold_shell"]
    share = cold["import torch"] / cold["analyze resnet50"]
    text += f"\nFrom a cold shell `convwright analyze resnet50` takes {cold['analyze resnet50']:.2f} s, of which"
    text += f" `import torch` alone is {cold['import torch']:.2f} s ({share:.0%}).\n"
    text += f"\n## Training loops side by side\n\n{_training()}"
    text += f"\n## Accuracy for compute\n\n{_speedrun()}"
    text += f"\n## Features computed once\n\n{_features()}"
    text += f"\n## Knob to picture in the studio\n\n{_studio()}"
    text += f"\n## Drawings\n\n{_drawing()}"
    text += f"\n## Families of networks\n\n{_families()}"
    return f"{text}\n## Files of installed packages as they lie\n\n{_wild()}"
