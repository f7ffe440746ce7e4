from torch import nn

from reference.linting import found


def test_colors_classes_and_gates_are_no_choice():
    gate = (nn.AdaptiveAvgPool2d(1), nn.Conv2d(16, 5, 1), nn.Conv2d(5, 16, 1))
    net = nn.Sequential(nn.Conv2d(3, 16, 3), *gate, nn.Flatten(), nn.Linear(16, 10))
    assert not found("CW801", net, (1, 3, 16, 16))


def test_a_padded_image_still_has_its_colors():
    assert not found("CW801", nn.Sequential(nn.ZeroPad2d(1), nn.Conv2d(3, 16, 3)), (1, 3, 16, 16))


def test_an_image_without_a_batch_is_left_alone():
    assert not found("CW801", nn.Sequential(nn.Conv2d(3, 16, 3), nn.Conv2d(16, 16, 3)), (3, 16, 16))


def test_a_little_is_not_worth_a_word():
    net = nn.Sequential(nn.Conv2d(3, 16, 3), nn.Conv2d(16, 126, 3), nn.Conv2d(126, 128, 3))
    assert not found("CW801", net, (1, 3, 16, 16))


def test_the_padding_is_counted():
    net = nn.Sequential(nn.Conv2d(3, 12, 1), nn.Conv2d(12, 16, 1, bias=False))
    (finding,) = found("CW801", net, (1, 3, 16, 16))
    assert "2 of 2" in finding.message
    assert "33.3 % more MACs" in finding.message
    assert "12 to 16" in finding.fix.summary
