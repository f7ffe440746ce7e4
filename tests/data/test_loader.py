"""Batches: every epoch its own order, every step to be made again, the same on several processes."""

import itertools

import pytest
import torch

from convwright.data.augment import Augmentation
from convwright.data.loader import Batches
from convwright.data.sets import ImageSet
from convwright.errors import ConvwrightError
from reference.small_sets import encoded, encoded_set, pixels

EVERYTHING = Augmentation(
    crop_padding=2, flip=True, trivial_augment=True, color_jitter=0.3, cutout=3, mixup=0.4, cutmix=1.0
)
CROPPED = Augmentation(random_resized_crop=0.1, flip=True, cutmix=1.0)
UNMIXED = Augmentation(crop_padding=2, flip=True, cutout=3)


def numbered(number=22):
    """Images of which each is its own number."""
    images = torch.arange(number, dtype=torch.uint8)[:, None, None, None].repeat(1, 3, 8, 8)
    return ImageSet(images=images, labels=torch.arange(number))


def noisy(number=22):
    return ImageSet(images=torch.randint(0, 256, (number, 3, 8, 8), dtype=torch.uint8), labels=torch.arange(number) % 5)


def batches(image_set, **options):
    return Batches(image_set, **({"batch_size": 6, "seed": 3, "mean": [0.0] * 3, "std": [1 / 255] * 3} | options))


def drawn(made):
    return torch.cat([targets for _, targets in made]).tolist()


def test_an_epoch_is_a_permutation_and_images_keep_their_labels():
    made = batches(numbered(), drop_last=False)
    assert len(made) == 4
    for images, targets in made.epoch(0):
        assert torch.equal(images, targets[:, None, None, None].expand_as(images).float())
    assert sorted(drawn(made.epoch(0))) == list(range(22))
    assert drawn(made.epoch(0)) == drawn(made.epoch(0)) != drawn(made.epoch(1))
    assert drawn(made.epoch(0)) != drawn(batches(numbered(), drop_last=False, seed=4).epoch(0))


def test_what_is_left_of_an_epoch_is_dropped():
    made = batches(numbered())
    assert len(made) == 3
    assert [len(targets) for _, targets in made.epoch(0)] == [6, 6, 6]
    assert drawn(made.epoch(0)) == drawn(batches(numbered(), drop_last=False).epoch(0))[:18]


@pytest.mark.parametrize("augmentation", [None, UNMIXED, EVERYTHING, CROPPED])
def test_starting_in_the_middle_continues_exactly(augmentation):
    options = {"augmentation": augmentation, "num_classes": 5, "drop_last": False}
    image_set = noisy()
    whole = list(batches(image_set, **options).epoch(2))
    rest = list(batches(image_set, **options).epoch(2, start=2))
    assert len(rest) == 2
    for (images, targets), (again, targets_again) in zip(whole[2:], rest, strict=True):
        assert torch.equal(images, again)
        assert torch.equal(targets, targets_again)


@pytest.mark.parametrize("augmentation", [None, UNMIXED, EVERYTHING, CROPPED])
@pytest.mark.parametrize("world_size", [2, 3])
def test_several_processes_make_the_batches_of_one(augmentation, world_size):
    options = {"augmentation": augmentation, "num_classes": 5}
    image_set = noisy()
    parts = [batches(image_set, **options, rank=rank, world_size=world_size) for rank in range(world_size)]
    for (images, targets), *shares in zip(
        batches(image_set, **options).epoch(1), *(part.epoch(1) for part in parts), strict=True
    ):
        assert all(len(share[1]) == 6 // world_size for share in shares)
        assert torch.equal(images, torch.cat([share[0] for share in shares]))
        assert torch.equal(targets, torch.cat([share[1] for share in shares]))
    in_order = [drawn(part.in_order()) for part in parts]
    assert sorted(itertools.chain(*in_order)) == sorted(image_set.labels.tolist())


def test_evaluation_sees_all_images_once_and_unchanged():
    made = list(batches(numbered(), augmentation=EVERYTHING, num_classes=22).in_order())
    assert drawn(made) == list(range(22))
    assert [len(targets) for _, targets in made] == [6, 6, 6, 4]
    for images, targets in made:
        assert torch.equal(images, targets[:, None, None, None].expand_as(images).float())


def test_mixing_gives_shares_of_classes():
    made = batches(noisy(), augmentation=Augmentation(mixup=0.4), num_classes=7)
    for _, targets in made.epoch(0):
        assert targets.shape == (6, 7)
        torch.testing.assert_close(targets.sum(1), torch.ones(6))


def test_augmentation_differs_from_step_to_step_and_epoch_to_epoch():
    same = ImageSet(images=noisy(1).images.expand(12, -1, -1, -1), labels=torch.arange(12) % 2)
    made = batches(same, augmentation=UNMIXED)
    first, second, third = [*made.epoch(0), next(made.epoch(1))]
    assert not torch.equal(first[0], second[0])
    assert not torch.equal(first[0], third[0])


def test_alternating_flips_show_each_image_both_ways_in_two_epochs():
    image_set = numbered()
    ramp = torch.arange(image_set.images.shape[3], dtype=torch.uint8).expand_as(image_set.images)
    image_set = ImageSet(images=ramp, labels=image_set.labels)
    made = batches(image_set, augmentation=Augmentation(flip=True, alternate=True), drop_last=False)

    def is_flipped(epoch):
        shown = [
            (int(label), bool(x[0, 0, 0] > 0))
            for images, labels in made.epoch(epoch)
            for x, label in zip(images, labels, strict=True)
        ]
        return [flipped for _, flipped in sorted(shown)]

    first, second, third = (is_flipped(epoch) for epoch in range(3))
    assert first == third == [not flipped for flipped in second]
    assert len(set(first)) == 2


def test_the_set_itself_is_never_changed():
    image_set = noisy()
    before = image_set.fingerprint
    for options in ({"augmentation": EVERYTHING, "num_classes": 5}, {"augmentation": UNMIXED}, {}):
        list(batches(image_set, **options).epoch(0))
        list(batches(image_set, **options).in_order())
    assert ImageSet(images=image_set.images, labels=image_set.labels).fingerprint == before


def test_types_and_memory_formats():
    made = batches(noisy(), channels_last=True, dtype=torch.bfloat16, augmentation=EVERYTHING, num_classes=5)
    for images, targets in (next(made.epoch(0)), next(made.in_order())):
        assert images.dtype == torch.bfloat16
        assert images.is_contiguous(memory_format=torch.channels_last)
        assert targets.dtype in {torch.float32, torch.int64}


def test_what_cannot_be_is_refused():
    with pytest.raises(ConvwrightError, match="batch_size: expected at most the 22 images of the set, got 23"):
        batches(noisy(), batch_size=23)
    assert len(batches(noisy(), batch_size=23, drop_last=False)) == 1
    with pytest.raises(ConvwrightError, match="batch_size: expected a multiple of the 4 processes, got 6"):
        batches(noisy(), world_size=4)
    with pytest.raises(ConvwrightError, match="num_classes is missing; mixup and cutmix"):
        batches(noisy(), augmentation=EVERYTHING)
    with pytest.raises(ConvwrightError, match="batch_size: expected at least 1, got 0"):
        batches(noisy(), batch_size=0)


@pytest.mark.parametrize("augmentation", [None, EVERYTHING, CROPPED])
def test_files_make_the_same_batches_as_memory(augmentation):
    shown = pixels(22)
    files = encoded_set([encoded(image) for image in shown], size=8)
    decoded = ImageSet(images=torch.tensor(shown), labels=files.labels)
    options = {"augmentation": augmentation, "num_classes": 2}
    memory = batches(decoded, **options)
    for number in (0, 1):
        made = batches(files, num_workers=number, **options)
        for epoch, start in ((0, 0), (1, 2)):
            pairs = zip(made.epoch(epoch, start), memory.epoch(epoch, start), strict=True)
            assert all(torch.equal(a, b) for pair in pairs for a, b in zip(*pair, strict=True))
        pairs = zip(made.in_order(), memory.in_order(), strict=True)
        assert all(torch.equal(a, b) for pair in pairs for a, b in zip(*pair, strict=True))


@pytest.mark.parametrize("augmentation", [UNMIXED, CROPPED])
def test_two_processes_make_the_batches_of_one_from_files(augmentation):
    files = encoded_set([encoded(image) for image in pixels(22, height=11)], size=8)
    options = {"augmentation": augmentation, "num_classes": 2, "num_workers": 0}
    parts = [batches(files, **options, rank=rank, world_size=2) for rank in range(2)]
    for (images, targets), first, second in zip(
        batches(files, **options).epoch(1), *(part.epoch(1) for part in parts), strict=True
    ):
        assert torch.equal(images, torch.cat([first[0], second[0]]))
        assert torch.equal(targets, torch.cat([first[1], second[1]]))
