"""Images: named sets and files of any layout, decoded once; batches of them; photographs that ship with the package."""

from .augment import Augmentation
from .load import data_names, load_data
from .loader import Batches
from .samples import sample_images
from .sets import ImageData, ImageSet

__all__ = ["Augmentation", "Batches", "ImageData", "ImageSet", "data_names", "load_data", "sample_images"]
