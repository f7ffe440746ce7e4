"""Transfer: a trained network on other images. Its features, classifiers of them, and a fresh head on top."""

from .backbone import Backbone, backbone_of
from .features import Features, extract
from .pretrained import load_backbone

__all__ = ["Backbone", "Features", "backbone_of", "extract", "load_backbone"]
