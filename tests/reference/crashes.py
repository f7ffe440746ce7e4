"""A nursery of trainings that die: run as a script, it forks them, kills them, resumes them, and prints what came out.

One process imports torch, once; each training is a fork of it. Prints a JSON list with an entry for each death.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import lightning_fabric  # noqa: F401 (once, not in each fork)
import torch

from convwright.training import train
from reference.tiny_training import tiny_data, tiny_layer_groups, tiny_net, tiny_recipe

RUNS = {"sgd": ("sgd", ()), "muon": ("muon", ()), "layer_groups": ("adamw", tiny_layer_groups())}


def run(folder, recipe, data, layer_groups):
    train(
        tiny_net(),
        data,
        recipe,
        folder=folder,
        resume=True,
        device="cpu",
        checkpoint_seconds=0.0,
        layer_groups=layer_groups,
    )


def forked(*job, dies_in=None):
    """The process id of a child that trains, then is gone."""
    child = os.fork()
    if not child:
        try:
            if dies_in is not None:
                die_within(dies_in)
            run(*job)
        except BaseException as error:  # the parent reads it
            print(error, file=sys.stderr)
            os._exit(1)
        os._exit(0)
    return child


def die_within(number):
    """Let the `number`th write to the disk be the last thing the process does: before it is done or named."""
    left = [number]

    def dying(real):
        def call(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    os.replace, os.fsync = dying(os.replace), dying(os.fsync)


def killed(folder, draw, seconds, writes, *job):
    """Start a training, again and again until one is killed before its end: at a random time, or in a random write."""
    while True:
        number = draw.randrange(writes) if writes else None
        child = forked(folder, *job, dies_in=number)
        if number is None:
            time.sleep(draw.uniform(0, seconds))
            os.kill(child, signal.SIGKILL)
        if os.WIFSIGNALED(os.waitpid(child, 0)[1]):
            return
        shutil.rmtree(folder)


def main(folder, deaths):
    torch.set_num_threads(1)
    data, draw = tiny_data(), random.Random(0)
    found = []
    for name, (optimizer, layer_groups) in RUNS.items():
        job, whole = (tiny_recipe(optimizer), data, layer_groups), folder / f"{name}-whole"
        started = time.monotonic()
        assert os.waitpid(forked(whole, *job), 0)[1] == 0
        seconds = time.monotonic() - started
        for death in range(deaths // len(RUNS)):
            cut = folder / f"{name}-{death}"
            killed(cut, draw, seconds, 60 if death % 2 else 0, *job)
            steps = len(list((cut / "checkpoints").glob("step-*")))
            ended = os.waitpid(forked(cut, *job), 0)[1] == 0
            equal = ended and weights(cut) == weights(whole)
            found.append(
                {"run": name, "checkpoints": steps, "equal": equal, "same_rows": ended and rows(cut) == rows(whole)}
            )
    print(json.dumps(found))


def weights(folder):
    return (folder / "weights.safetensors").read_bytes()


def rows(folder):
    """metrics.csv without what depends on the clock."""
    return [line.split(",")[:-2] for line in (folder / "metrics.csv").read_text().splitlines()]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
