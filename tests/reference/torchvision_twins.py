"""Variants of the zoo that are torchvision's networks too."""

from torchvision import models as torchvision_models

from convwright.models import families


def torchvision_twins() -> list[str]:
    """Names that torchvision has as well, of families that say in `layouts` what torchvision calls their layers."""
    theirs = set(torchvision_models.list_models(module=torchvision_models))
    ours = [name for family in families().values() if "torchvision" in family.layouts for name in family.variants]
    return [name for name in ours if name in theirs]
