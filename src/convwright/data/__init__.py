"""Images with labels: loaded by name or path, cached, augmented in batches; and the photographs that ship."""

from .augment import Augmentation
from .load import load_data
from .loader import Batches
from .samples import sample_images
from .sets import ImageData, ImageSet
from .sources.find import data_names

__all__ = ["Augmentation", "Batches", "ImageData", "ImageSet", "data_names", "load_data", "sample_images"]
