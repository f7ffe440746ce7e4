"""Readers: pixels in the order they are wanted, from memory or from workers."""

import multiprocessing

import pytest
import torch

from convwright.data.crops import crop_boxes, crop_numbers, cropped
from convwright.data.readers import BatchRequest, MemoryReader, WorkerReader, reader_of
from convwright.data.sets import ImageSet
from convwright.errors import ConvwrightError
from reference.small_sets import encoded, encoded_set, pixels

# 80 images of 14x14: a batch of 40 is two pieces of work.
FILES = encoded_set([encoded(image) for image in pixels(80, height=18, width=14)], size=14)
DECODED = ImageSet(images=torch.stack([FILES.image(index) for index in range(80)]), labels=FILES.labels)
BATCHES = [BatchRequest(order) for order in torch.randperm(80, generator=torch.Generator().manual_seed(0)).split(40)]


def workers(number):
    return WorkerReader(FILES, "cpu", least=0.2, num_workers=number)


@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # where there is one processor
@pytest.mark.parametrize("number", [0, 1, 2])
def test_workers_give_what_memory_gives(number):
    reader, memory = workers(number), MemoryReader(DECODED, "cpu", least=0.2)
    for _ in range(2):
        for made, expected in zip(reader.read(BATCHES), memory.read(BATCHES), strict=True):
            assert torch.equal(made, expected)


@pytest.mark.parametrize("number", [0, 1])
def test_an_epoch_may_be_left_and_another_begun(number):
    reader = workers(number)
    next(reader.read(BATCHES))
    pairs = zip(reader.read(BATCHES[::-1]), MemoryReader(DECODED, "cpu", least=0.2).read(BATCHES[::-1]), strict=True)
    assert [torch.equal(made, expected) for made, expected in pairs] == [True, True]


def test_crops_are_those_of_the_numbers():
    numbers = crop_numbers(40, torch.Generator().manual_seed(1))
    wanted = [BatchRequest(BATCHES[0].indices, numbers)]
    (alone,), (made,) = workers(0).read(wanted), workers(1).read(wanted)
    assert torch.equal(alone, made)
    for image, index, own in zip(made, BATCHES[0].indices.tolist(), numbers, strict=True):
        assert torch.equal(image, FILES.crop(index, own, 0.2))
    (of_decoded,) = MemoryReader(DECODED, "cpu", least=0.2).read(wanted)
    boxes = crop_boxes(numbers, 14, 14, 0.2)
    expected = [
        cropped(DECODED.images[index], box, 14, 14) for index, box in zip(wanted[0].indices, boxes, strict=True)
    ]
    assert torch.equal(of_decoded, torch.stack(expected))


def test_a_damaged_image_is_named_as_without_workers():
    damaged = encoded_set([encoded(pixels(1)[0]), b"cut off"], size=8)
    for number in (0, 1):
        reader = WorkerReader(damaged, "cpu", least=0.0, num_workers=number)
        with pytest.raises(ConvwrightError) as raised:
            list(reader.read([BatchRequest(torch.tensor([0, 1]))]))
        assert str(raised.value).startswith("image 1 cannot be decoded")
        assert "Traceback" not in str(raised.value)


def test_nothing_wanted_is_nothing():
    assert list(workers(0).read([])) == []
    assert [made.shape for made in workers(0).read([BatchRequest(torch.arange(0))])] == [(0, 3, 14, 14)]


def test_the_global_generator_is_left_alone_and_workers_end():
    before, others = torch.get_rng_state(), set(multiprocessing.active_children())
    reader = workers(1)
    list(reader.read(BATCHES))
    assert torch.equal(torch.get_rng_state(), before)
    (child,) = set(multiprocessing.active_children()) - others
    del reader
    child.join(10)
    assert not child.is_alive()


def test_a_set_has_its_reader():
    assert isinstance(reader_of(DECODED, "cpu", least=0.0, world_size=1), MemoryReader)
    assert isinstance(reader_of(FILES, "cpu", least=0.0, world_size=2), WorkerReader)
