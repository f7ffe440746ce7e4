"""Transfer: a trained network on one's own images: features, classifiers, fine-tuning, and what comes of it to ship."""

from .artifact import ModelCard, read_artifact, write_artifact
from .backbone import Backbone, backbone_of
from .classifier_methods import CLASSIFIERS
from .classifiers import FittedClassifier, as_linear, fit_classifier
from .features import Features, extract
from .pretrained import load_backbone
from .probe import Probe, train_probe
from .result import TransferResult
from .runner import LEARNING_CURVE, transfer
from .strategies import STRATEGIES
from .strategy_inputs import Tuning

__all__ = [
    "CLASSIFIERS",
    "LEARNING_CURVE",
    "STRATEGIES",
    "Backbone",
    "Features",
    "FittedClassifier",
    "ModelCard",
    "Probe",
    "TransferResult",
    "Tuning",
    "as_linear",
    "backbone_of",
    "extract",
    "fit_classifier",
    "load_backbone",
    "read_artifact",
    "train_probe",
    "transfer",
    "write_artifact",
]
