from torch import nn

from reference.linting import found


def net(classes):
    body = [nn.Conv2d(3, 256, 3, 2), nn.Conv2d(256, 256, 3, bias=False), nn.Conv2d(256, 256, 3, bias=False)]
    return nn.Sequential(*body, nn.Flatten(), nn.Linear(256 * 9, classes))


def test_it_speaks_only_where_the_head_is_large_but_not_most_of_the_network():
    for classes, codes in ((100, []), (450, ["CW406"]), (1000, ["CW401"])):
        model = net(classes)
        assert [f.code for code in ("CW401", "CW406") for f in found(code, model, (1, 3, 16, 16))] == codes
