"""Outcomes of transfer that are made up."""

from dataclasses import replace

import torch

from convwright.networks import NetworkName
from convwright.preprocessing import Preprocessing
from convwright.training.evaluate import Predictions
from convwright.training.record import environment
from convwright.transfer_learning.outcome import LearningCost, Outcome, StrategyResult
from convwright.transfer_learning.result import TransferResult
from reference.tiny_transfer import tiny_pool, tiny_tuning

WEIGHTS_OF = NetworkName(text="resnet20", weights="somewhere.pth")


def outcome(is_right, strategy="probe", seed=0, num_trained=10, share=1.0, validated=None, model=None):
    """Of two classes, right on the images where `is_right` says so, in every part alike."""
    right = torch.tensor(is_right)
    labels = torch.arange(len(right)) % 2
    logits = torch.nn.functional.one_hot(torch.where(right, labels, 1 - labels), 2).float()
    found = Predictions(logits=logits, labels=labels)
    everything = Predictions(logits=torch.eye(2), labels=torch.arange(2))
    return Outcome(
        strategy=strategy,
        seed=seed,
        share=share,
        num_images=2,
        validated=tuple(range(len(right))) if validated is None else validated,
        result=StrategyResult(
            predictions={"train": everything, "validation": found, "test": found},
            cost=LearningCost(training_seconds=1.0 + seed, peak_bytes=100 * (seed + 1), num_trained=num_trained),
            model=model or torch.nn.Identity(),
            choices={"C": 0.1},
        ),
    )


def transfer_result(*outcomes):
    """Of outcomes, on the images of `tiny_pool`."""
    pool = tiny_pool()
    return TransferResult(
        backbone=replace(pool.backbone, name=WEIGHTS_OF),
        data=replace(pool.data, preprocessing=Preprocessing(resize_px=8, crop_px=8)),
        source="photos/",
        outcomes=outcomes,
        titles={each.strategy: "made up" for each in outcomes},
        tuning=tiny_tuning(),
        environment=environment(torch.device("cpu"), 1),
        notes=(),
        seconds=1.0,
    )
