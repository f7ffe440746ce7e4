"""Transfer: a trained network on one's own images: features, classifiers, fine-tuning, and what comes of it to ship."""

from .artifact import ModelCard, read_artifact, write_artifact
from .backbone import Backbone, backbone_of
from .features import Features, extract
from .pretrained import load_backbone

__all__ = [
    "Backbone",
    "Features",
    "ModelCard",
    "backbone_of",
    "extract",
    "load_backbone",
    "read_artifact",
    "write_artifact",
]
