"""CW307 speaks of networks that are partly frozen, and in training mode."""

from torch import nn

from reference.linting import found


def net():
    body = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8))
    body.requires_grad_(False)
    return nn.Sequential(body, nn.Conv2d(8, 4, 1))


def test_one_finding_at_what_holds_the_norms():
    (finding,) = found("CW307", net())
    assert finding.path == "0"
    assert "2 batch norms" in finding.message
    assert 'self.get_submodule("0").eval()' in finding.fix.summary


def test_a_trained_norm_beside_is_not_to_be_put_in_eval_mode():
    partly = net()
    partly[0].append(nn.Sequential(nn.Conv2d(8, 8, 3, bias=False), nn.BatchNorm2d(8)))
    (finding,) = found("CW307", partly)
    assert "get_submodule" not in finding.fix.summary


def test_eval_mode_a_network_not_to_be_trained_and_a_trained_norm_are_left_alone():
    assert not found("CW307", net().eval())
    assert not found("CW307", net().requires_grad_(False))
    retrained = net()
    for norm in (retrained[0][1], retrained[0][3]):
        norm.requires_grad_(True)
    assert not found("CW307", retrained)
