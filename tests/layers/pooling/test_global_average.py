import torch

from convwright.layers import GlobalAveragePool2d


def test_definition():
    x = torch.arange(24.0).view(2, 2, 2, 3)
    assert GlobalAveragePool2d()(x).tolist() == [[2.5, 8.5], [14.5, 20.5]]


def test_any_size_to_one_number_a_channel():
    for size in ((1, 1), (1, 5), (7, 4)):
        assert GlobalAveragePool2d()(torch.ones(2, 3, *size)).tolist() == [[1.0] * 3] * 2
