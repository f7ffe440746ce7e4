"""Facts of every network of the zoo and of 200 networks of timm, held against those that are checked in.

`python benchmarks/golden.py` analyzes them anew and prints each difference from `results/golden.json`; it exits with 1
if there is one. Names after it choose networks. `--write` makes the file; stopped on its way, it goes on where it was.
Nothing is computed: every network is built on the meta device, in eval mode, for one image of its own size.
"""

import argparse
import hashlib
import json
import platform
import random
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from timm.models import _registry
from torch import nn

import convwright
from convwright.analysis.analyze import analyze
from convwright.analysis.fields.field_pass import TensorField
from convwright.analysis.fields.intervals import PixelIntervals
from convwright.files import write
from convwright.graph import Tensor
from convwright.models import model_names

RESULT = Path(__file__).parent / "results" / "golden.json"
NUM_TIMM = 200
SEED = 20
Facts = dict[str, Any]


def names() -> list[str]:
    """The zoo, then networks of timm: family by family, one of each in turn, in an order drawn from the seed."""
    families: dict[str, list[str]] = {}
    for name in sorted(timm.list_models()):
        families.setdefault(_registry._model_to_module[name], []).append(name)
    draw = random.Random(SEED)  # the same networks each time
    for members in families.values():
        draw.shuffle(members)
    rounds = (
        members[turn]
        for turn in range(max(map(len, families.values())))
        for members in families.values()
        if turn < len(members)
    )
    drawn = [name for name, _ in zip(rounds, range(NUM_TIMM), strict=False)]
    return [*model_names(), *(f"timm:{name}" for name in sorted(drawn))]


def built(name: str) -> tuple[nn.Module, tuple[int, ...]]:
    """The network and the shape of its image."""
    library, _, model = name.rpartition(":")
    if library:
        with torch.device("meta"):
            network = timm.create_model(model).eval()
        return network, (1, *network.default_cfg["input_size"])
    network = convwright.build(model, device="meta").eval()
    size = network.config.input_size
    return network, (1, network.config.in_channels, size, size)


def facts_of(name: str) -> Facts:
    """What the analyzer says of a network: totals, and digests of the shapes, costs, memory and fields of its ops."""
    try:
        network, shape = built(name)
        found = analyze(network, shape)
    except Exception as error:  # a network that fails is listed with its reason
        return {"failed": f"{type(error).__name__}: {str(error).partition(chr(10))[0][:160]}"}
    totals, fields = found.totals, found.fields
    ops = found.graph.ops
    tensors = [tensor for op in ops for tensor in op.outputs]
    local, full = fields._local.by_tensor, fields._full.by_tensor
    clipped = fields._local_clipped.by_tensor
    return {
        "parameters": totals.parameters,
        "macs": totals.macs,
        "flops": totals.flops,
        "ops": len(ops),
        "field": totals.receptive_field_px,
        "full_field": totals.full_receptive_field_px,
        "jump": totals.jump_px,
        "inference_peak": totals.peak_inference_bytes,
        "training_peak": totals.peak_training_bytes,
        "saved": totals.activation_bytes,
        "uncounted": dict(sorted(Counter(row.kind for row in found.macs.uncounted).items())),
        "unknown_fields": dict(sorted(Counter(op.kind for op in fields.unknown).items())),
        "digest_shapes": digest(
            (op.kind, op.path, *((t.shape, t.stride, t.dtype, t.is_alias) for t in op.outputs)) for op in ops
        ),
        "digest_costs": digest(found.macs.per_op),
        "digest_memory": digest(found.memory.per_op_live),
        "digest_saved": digest(found.memory.per_training_op_saved),
        "digest_fields": digest(bounds_of((local, full, clipped), tensors)),
    }


def bounds_of(passes: Iterable[dict[Tensor, TensorField]], tensors: list[Tensor]) -> Iterator[Any]:
    """First and last pixel of every position of each tensor, per image axis; arrays as digests."""
    known: dict[PixelIntervals, str] = {}
    for by_tensor in passes:
        for tensor in tensors:
            field = by_tensor.get(tensor)
            for axis in field or ():
                pixels = axis.pixels
                if pixels not in known:
                    arrays = (np.ascontiguousarray(bound, dtype=np.int64).tobytes() for bound in (pixels.lo, pixels.hi))
                    known[pixels] = hashlib.sha256(b"".join(arrays)).hexdigest()
                yield axis.dims, pixels.grids, pixels.lo.shape, known[pixels]
            yield field is None


def digest(rows: Any) -> str:
    """A few characters that differ where the rows do."""
    found = hashlib.sha256()
    for row in rows:
        found.update(repr(row).encode())
    return found.hexdigest()[:12]


def differences(name: str, before: Facts, after: Facts) -> Iterator[str]:
    """A line for each fact that changed."""
    after = json.loads(json.dumps(after))
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            yield f"{name}: {key} was {before.get(key)}, is {after.get(key)}"


def versions() -> dict[str, str]:
    return {package: version(package) for package in ("torch", "timm")}


def read() -> dict[str, Any]:
    return json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {"networks": {}}


def write_all() -> None:
    """Make the file, a network at a time."""
    wanted, head = names(), versions()
    known = read()
    if known.get("versions") != head or known.get("names") == len(known["networks"]):
        known = {"networks": {}}
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    about = {
        "command": "python benchmarks/golden.py --write",
        "date": date.today().isoformat(),
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "versions": head,
        "names": len(wanted),
    }
    for number, name in enumerate(wanted):
        if name in known["networks"]:
            continue
        start = time.process_time()
        known["networks"][name] = facts_of(name)
        print(f"{number + 1}/{len(wanted)} {name}: {time.process_time() - start:.2f} s", flush=True)
        if number % 20 == 0 or number + 1 == len(wanted):
            lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(facts)}" for key, facts in known["networks"].items())
            opening = json.dumps(about, indent=1).removesuffix("\n}")
            write(RESULT, f'{opening},\n "networks": {{\n{lines}\n}}}}\n')


def compare(chosen: list[str]) -> int:
    """Print what differs from the file; return how many facts do."""
    known = read()
    if known["versions"] != versions():
        print(f"the file was made with {known['versions']}, this is {versions()}")
    count = 0
    for name in chosen or known["networks"]:
        start = time.process_time()
        for line in differences(name, known["networks"][name], facts_of(name)):
            count += 1
            print(line, flush=True)
        if chosen:
            print(f"{name}: {time.process_time() - start:.2f} s", flush=True)
    print(f"{len(chosen or known['networks'])} networks, {count} differences")
    return count


def main() -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="networks to compare; all by default")
    parser.add_argument("--write", action="store_true", help="make the file instead of comparing with it")
    options = parser.parse_args()
    if options.write:
        write_all()
    elif compare(options.names):
        sys.exit(1)


if __name__ == "__main__":
    main()
