"""Find images that are in two splits of a data set: what was trained on is no test."""

import hashlib

from .sets import EncodedSet, Images


def shared_images(one: Images, other: Images) -> list[tuple[int, int]]:
    """Return pairs of equal images, as their indices in either set: each of `other` with the first equal one of `one`.

    Decoded images are equal where all pixels are, encoded ones where all stored bytes are.

    >>> import torch
    >>> from convwright.data import ImageSet
    >>> images = torch.arange(4, dtype=torch.uint8).view(4, 1, 1, 1)
    >>> first, second = (ImageSet(images=images[rows], labels=torch.zeros(2)) for rows in ([0, 1], [3, 1]))
    >>> shared_images(first, second)
    [(1, 1)]
    """
    places: dict[bytes, int] = {}
    for place, digest in enumerate(_digests(one)):
        places.setdefault(digest, place)
    return [(places[digest], place) for place, digest in enumerate(_digests(other)) if digest in places]


def _digests(images: Images) -> list[bytes]:
    rows = images.digests if isinstance(images, EncodedSet) else images.images
    return [hashlib.blake2b(row.contiguous().numpy().tobytes(), digest_size=16).digest() for row in rows]
