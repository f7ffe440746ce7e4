"""The analyzer on every network of torchvision and on the smallest of each family of timm.

`python benchmarks/families.py OUT.json` analyzes each as `convwright analyze` does, in a process of its own within
limits of time and memory, and writes whether it could, whether it had to compute and where, and what is unknown.
Stopped on its way, it goes on where it was; names after OUT.json are analyzed anew. No weights are loaded: a network
is built on the meta device, and on the CPU only if its path needs numbers.
"""

import argparse
import json
import multiprocessing
import platform
import subprocess
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import timm
import torch
import torchvision
from timm.models import _registry

from convwright.analysis.analyze import analyze
from convwright.child_process import Limits
from convwright.errors import ConvwrightError
from convwright.files import write
from convwright.graph.failure import DataDependentError
from convwright.networks import NetworkName, open_network

SECONDS = 600
MEMORY_BYTES = 8 * 10**9
Row = dict[str, Any]


def wanted() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, family and arguments of each network; a network of timm has the name of its family until it is chosen."""
    for name in torchvision.models.list_models():
        module = torchvision.models.get_model_builder(name).__module__.removeprefix("torchvision.models.")
        family = module.partition(".")[0]
        family = family if family in TASKS else "classification"
        yield f"torchvision:{name}", family, {}
        if family == "quantization":
            yield f"torchvision:{name} quantize=True", family, {"quantize": True}
    for family in sorted({_registry._model_to_module[name] for name in timm.list_models()}):
        yield f"timm:{family}", family, {}


TASKS = ("detection", "optical_flow", "quantization", "segmentation", "video")


def smallest_of(family: str) -> tuple[str, int]:
    """The network of a family of timm with the fewest parameters, and how many the family has."""
    sizes = {}
    for name in (each for each in timm.list_models() if _registry._model_to_module[each] == family):
        with torch.device("meta"):
            sizes[name] = sum(weight.numel() for weight in timm.create_model(name).parameters())
    return min(sizes, key=lambda name: sizes[name]), len(sizes)


def row_of(name: str, family: str, arguments: dict[str, Any]) -> Row:
    """What the analyzer says of a network, or why it does not."""
    row: Row = {"library": name.partition(":")[0], "family": family}
    if row["library"] == "timm":
        smallest, row["of"] = smallest_of(family)
        name = f"timm:{smallest}"
    row["network"] = name
    text = name.partition(" ")[0]
    start = time.process_time()
    try:
        row |= facts_of(text, arguments, on_meta=not arguments)
    except Exception as error:
        row["error"] = f"{type(error).__name__}: {str(error).partition(chr(10))[0][:400]}"
    return row | {"seconds": round(time.process_time() - start, 1)}


def facts_of(text: str, arguments: dict[str, Any], *, on_meta: bool) -> Row:
    """The facts of a network that is built without weights; with random ones, if its path needs numbers."""
    name = NetworkName(text=text, arguments=arguments)
    try:
        with torch.device("meta" if on_meta else "cpu"):
            network = open_network(name)
            inputs = network.example_inputs
    except ConvwrightError:
        if on_meta:  # its constructor reads numbers
            return facts_of(text, arguments, on_meta=False)
        raise
    try:
        found = analyze(network.module.eval(), inputs)
    except DataDependentError:
        if on_meta:
            return facts_of(text, arguments, on_meta=False)
        raise
    reads = [str(read) for read in found.graph.depends_on_values]
    return {
        "input": [list(shape) for shape in found.input_shapes],
        "ops": len(found.graph.ops),
        "parameters": found.totals.parameters,
        "macs": found.totals.macs,
        "field": found.totals.receptive_field_px,
        "needed_values_at": reads[:1],
        "reads_of_values": len(reads),
        "uncounted": dict(sorted(Counter(row.kind for row in found.macs.uncounted).items())),
        "unknown_fields": dict(sorted(Counter(op.kind for op in found.fields.unknown).items())),
        "memory": list(found.memory.assumed),
    }


def within_limits(job: Callable[..., Row], *arguments: Any) -> Row:
    """Call `job` in a process of its own."""
    mine, its = multiprocessing.get_context("fork").Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_answer, args=(its, job, *arguments))
    process.start()
    its.close()
    try:
        return mine.recv() if mine.poll(SECONDS) else {"error": f"not done within {SECONDS} s"}
    except EOFError:
        return {"error": "its process ended"}
    finally:
        process.kill()
        process.join()


def _answer(connection: Connection, job: Callable[..., Row], *arguments: Any) -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    Limits(memory_bytes=MEMORY_BYTES).limit_memory()
    connection.send(job(*arguments))


def versions() -> dict[str, str]:
    return {package: version(package) for package in ("torch", "torchvision", "timm")}


def main() -> None:
    """Analyze what the file does not have yet, and write it after each network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", help="networks to analyze anew")
    options = parser.parse_args()
    known = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else {"networks": {}}
    rows = known["networks"] if known.get("versions") == versions() else {}
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    about = {
        "command": "python benchmarks/families.py",
        "date": date.today().isoformat(),
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "versions": versions(),
        "limits": {"seconds": SECONDS, "memory_bytes": MEMORY_BYTES},
    }
    for name, family, arguments in wanted():
        if name in rows and name not in options.names:
            continue
        rows[name] = {"family": family, **within_limits(row_of, name, family, arguments)}
        found = rows[name]
        print(name, found.get("error") or found, flush=True)
        lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(row)}" for key, row in rows.items())
        opening = json.dumps(about, indent=1).removesuffix("\n}")
        write(options.out, f'{opening},\n "networks": {{\n{lines}\n}}}}\n')


if __name__ == "__main__":
    main()
