"""Transfer: a trained network on other images. Its features, classifiers of them, and a fresh head on top."""

from .backbone import Backbone, backbone_of
from .pretrained import load_backbone

__all__ = ["Backbone", "backbone_of", "load_backbone"]
