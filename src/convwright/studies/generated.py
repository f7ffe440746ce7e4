"""Images that are made rather than collected: tasks of which it is known what their answer takes."""

import torch

from ..data import ImageData, ImageSet
from ..data.seeds import generator
from ..data.sets import channel_statistics

SIZE_PX, DISTANCE_PX, MARGIN_PX = 32, 10, 8


def paired_marks() -> ImageData:
    """Two rows of two marks each, bright or dark on gray; the classes are whether those of a row are alike.

    Every image has two bright and two dark pixels, at places that do not depend on the class. Those of a row are
    `DISTANCE_PX` apart, the rows at least as far, and none is nearer to the border than `MARGIN_PX`. So a window of at
    most `MARGIN_PX` + 1 pixels never sees two marks, nor a mark and what is beyond the border: all images consist of
    the same such windows, and only their order tells the classes apart. A window of `DISTANCE_PX` + 1 sees both marks
    of a row, which is the answer.

    There are 4,536 such images, so that those of a test are among those of a training: what is asked is what a network
    can see.
    """
    train = _part("train", 8000)
    mean, std = channel_statistics(train.images)
    return ImageData(
        name="paired-marks",
        class_names=("alike", "unlike"),
        train=train,
        validation=_part("validation", 500),
        test=_part("test", 2000),
        mean=mean,
        std=std,
    )


def _part(name: str, number: int) -> ImageSet:
    draw = generator(0, "paired marks", name)
    labels = torch.arange(number) % 2
    free = SIZE_PX - 2 * MARGIN_PX - DISTANCE_PX
    upper, lower = torch.randint(free, (number, 2), generator=draw).sort(1).values.unbind(1)
    left = torch.randint(free, (number, 2), generator=draw)
    rows = MARGIN_PX + torch.stack([upper, upper, lower + DISTANCE_PX, lower + DISTANCE_PX], 1)
    columns = MARGIN_PX + torch.stack([left, left + DISTANCE_PX], 2).flatten(1)
    first, second = (2 * torch.randint(2, (number, 2), generator=draw) - 1).unbind(1)
    alike = torch.stack([first, first, -first, -first], 1)
    unlike = torch.stack([first, -first, second, -second], 1)
    kinds = torch.where(labels[:, None] == 0, alike, unlike)
    images = torch.full((number, 1, SIZE_PX, SIZE_PX), 128, dtype=torch.uint8)
    images[torch.arange(number)[:, None], 0, rows, columns] = (128 + 127 * kinds).to(torch.uint8)
    return ImageSet(images=images, labels=labels)
