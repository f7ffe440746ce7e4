"""A study that runs in a second, in any process: networks of two layers on noise with bright channels."""

import time
from dataclasses import replace

from torch import nn

from convwright.models.initialize import initialize
from convwright.studies import Arm, Budget, Measure, Study
from reference.tiny_training import tiny_data, tiny_recipe


def small_data():
    return tiny_data(train=24)


def net(*, num_classes, in_channels, seed, width=8, pool="max", fails=False):
    """A convolution, a pool, a classifier."""
    pools = {"max": nn.AdaptiveMaxPool2d, "average": nn.AdaptiveAvgPool2d}
    layers = [nn.Conv2d(in_channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    if fails:
        layers.append(FailsToTrain())
    model = nn.Sequential(*layers, pools[pool](1), nn.Flatten(), nn.Linear(width, num_classes))
    initialize(model, "resnet", seed=seed)
    return model


class FailsToTrain(nn.Module):
    """Passes maps on, but only in batches of one or two: while it is analyzed."""

    def forward(self, x):
        if len(x) > 2:
            raise RuntimeError("this layer breaks in training")
        return x


class Slow(nn.Module):
    """Takes its time, so that a test can come between."""

    def forward(self, x):
        time.sleep(0.05)
        return x


def slow_net(*, num_classes, in_channels, seed):
    model = net(num_classes=num_classes, in_channels=in_channels, seed=seed)
    return nn.Sequential(Slow(), *model)


def first_filter(model, _data):
    """The sum of the filters: it differs before and after training."""
    return next(model.parameters()).detach().abs().sum().item()


def arm(name, **options):
    return Arm(name=name, claim=f"the {name} one", model=net, options=options)


STUDY = Study(
    name="tiny",
    question="Which pool?",
    expectation="The average.",
    source="nobody",
    arms=(arm("max"), arm("average", pool="average")),
    baseline="max",
    recipe=tiny_recipe(epochs=None, steps=3, ema=0.0),
    budgets={"smoke": Budget(time="a second", data=small_data, seeds=2)},
    measures=(Measure(name="filters", what="sum of the first filters", function=first_filter, before=True),),
    hold_equal={"macs": 0.0},
)
SLOW = replace(
    STUDY,
    name="slow",
    arms=(Arm(name="slow", claim="slow", model=slow_net), arm("max")),
    baseline="slow",
    recipe=tiny_recipe(epochs=None, steps=60, ema=0.0),
    measures=(),
)


def with_arm(study, changed):
    """The study with one arm added, or changed."""
    arms = [changed if each.name == changed.name else each for each in study.arms]
    return replace(study, arms=tuple(arms) if changed in arms else (*arms, changed))
