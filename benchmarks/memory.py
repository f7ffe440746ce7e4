"""Our memory facts beside what torch's CUDA allocator measures: `python benchmarks/memory.py OUTPUT.json`.

Weights and activations of each network are put on the GPU and run once, in inference and through one backward pass;
the peak of allocated bytes is compared with `peak_inference_bytes` and `peak_training_bytes`. Convolution workspaces
are the allocator's too, so cuDNN may only add to what the facts say.
"""

import json
import platform
import sys
from datetime import date
from pathlib import Path

import torch

import convwright
from convwright.analysis.memory import measure_memory
from convwright.graph import trace

MODELS = ("vgg16", "resnet18", "resnet50", "densenet121", "mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0",
          "wide_resnet50_2", "preact_resnet50", "resnet20")  # fmt: skip
BATCH = 32


def peak_bytes(step: object, before: int) -> int:
    """Bytes that `step` needs at most, `before` being what is allocated of other things."""
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    step()  # type: ignore[operator]
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before


def measure(name: str) -> dict[str, object]:
    """One network: predicted and measured peaks, and their ratios."""
    before = torch.cuda.memory_allocated()
    model = convwright.build(name, device="cuda")
    side = model.config.input_size
    x = torch.randn(BATCH, 3, side, side, device="cuda")
    row: dict[str, object] = {"model": name, "batch_size": BATCH, "input_px": side}

    def infer() -> None:
        with torch.inference_mode():
            model(x)

    def train() -> None:
        model(x).sum().backward()

    for mode, step, fact in (("inference", infer, "peak_inference_bytes"), ("training", train, "peak_training_bytes")):
        model.train(mode == "training")
        predicted = getattr(measure_memory(trace(model, tuple(x.shape))), fact)
        measured = peak_bytes(step, before)
        row[mode] = {"predicted_bytes": predicted, "measured_bytes": measured, "ratio": predicted / measured}
    return row


def main() -> None:
    """Measure all, print a line each, write the JSON."""
    torch.backends.cudnn.benchmark = False
    rows = []
    for name in MODELS:
        rows.append(measure(name))
        print(name, {k: round(v["ratio"], 3) for k, v in rows[-1].items() if isinstance(v, dict)}, flush=True)
    result = {
        "date": date.today().isoformat(),
        "device": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "rows": rows,
    }
    Path(sys.argv[1]).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
