"""Transfer: a trained network on other images. Its features, classifiers of them, and a fresh head on top."""

from .backbone import Backbone, backbone_of
from .classifiers import CLASSIFIERS, FittedClassifier, as_linear, fit_classifier
from .features import Features, extract
from .pretrained import load_backbone
from .probe import Probe, train_probe

__all__ = [
    "CLASSIFIERS",
    "Backbone",
    "Features",
    "FittedClassifier",
    "Probe",
    "as_linear",
    "backbone_of",
    "extract",
    "fit_classifier",
    "load_backbone",
    "train_probe",
]
