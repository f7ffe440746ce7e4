"""The analyzer on 500 networks that were made up from numbers: `python benchmarks/made_up.py OUT.json`.

Of each one the shapes, MACs, fields and the memory kept for backward are compared with what is measured, as
`tests/reference/made_up_checks.py` does it; `make test` runs 30 of them.
"""

import json
import platform
import sys
import time
import warnings
from collections import Counter
from datetime import date
from importlib.metadata import version
from pathlib import Path

import torch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from analysis.conftest import saved_for_backward  # noqa: E402
from convwright.analysis.analyze import analyze  # noqa: E402
from convwright.files import write  # noqa: E402
from reference.made_up import made_up  # noqa: E402
from reference.made_up_checks import faults  # noqa: E402

COUNT = 500


def main() -> None:
    """Check every network, print each fault, write the JSON."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    start = time.process_time()
    wrong: dict[str, list[str]] = {}
    kinds: Counter[str] = Counter()
    axes: Counter[int] = Counter()
    estimated = bounded = ops = 0
    for number in range(COUNT):
        net, shape = made_up(number)
        if found := list(faults(net, shape, saved_for_backward)):
            wrong[str(number)] = found
            print(number, found, flush=True)
        said = analyze(net, shape)
        kinds.update({op.kind for op in said.graph.ops})
        axes[len(shape) - 2] += 1
        ops += len(said.graph.ops)
        estimated += bool(said.memory.assumed)
        bounded += bool(said.fields.unknown)
    result = {
        "command": "python benchmarks/made_up.py",
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "torch": version("torch"),
        "cpu_seconds": round(time.process_time() - start),
        "networks": COUNT,
        "ops": ops,
        "by_image_axes": dict(sorted(axes.items())),
        "memory_said_to_be_an_estimate": estimated,
        "fields_said_to_be_bounds": bounded,
        "faults": wrong,
        "networks_by_kind_of_op": dict(kinds.most_common()),
    }
    write(Path(sys.argv[1]), json.dumps(result, indent=1) + "\n")
    print({key: value for key, value in result.items() if key != "networks_by_kind_of_op"})


if __name__ == "__main__":
    main()
