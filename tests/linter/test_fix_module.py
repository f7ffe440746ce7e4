"""A live module is fixed with its weights."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from convwright.errors import ConvwrightError
from convwright.linter import Safety, Settings, lint
from convwright.linter.edits import Delete, Replace, RewriteCall, SetArguments, Swap
from convwright.linter.fix_module import fix, rebuild, with_fixes
from convwright.linter.report import FindingGroup
from reference import small_rules
from reference.peers import randomize
from reference.small_rules import finding

SHAPE = (2, 3, 8, 8)
ONLY = Settings(select=("CW301",))


def net():
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 1))


def edited(model, *edits, carry=None):
    safety = Safety.CHANGES_TRAINING
    return with_fixes(model, FindingGroup(findings=(finding(fix=small_rules.fix(*edits, safety=safety, carry=carry)),)))


def snapshot(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def test_weights_are_carried_and_the_original_is_untouched():
    model = net()
    randomize(model)
    model[0].weight.requires_grad_(False)
    model[1].eval()
    before, modules = snapshot(model), list(model.modules())
    result = fix(model, SHAPE, settings=ONLY)
    new = result.state
    assert new[0].bias is None
    assert torch.equal(new[0].weight, model[0].weight)
    assert new[0].weight is not model[0].weight
    assert not new[0].weight.requires_grad
    assert new[3].weight.requires_grad
    assert [module.training for module in new.modules()] == [module.training for module in modules]
    assert list(model.modules()) == modules
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    x = torch.randn(SHAPE)
    torch.testing.assert_close(new.eval()(x), model.eval()(x))


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_dtypes_are_kept(kind):
    new = fix(net().to(kind), SHAPE, settings=ONLY).state
    assert {tensor.dtype for tensor in new.parameters()} == {kind}


def test_mixed_dtypes_are_kept():
    model = net()
    model[0].half()
    assert rebuild(model[0], {"bias": False}).weight.dtype == torch.float16
    assert edited(model, SetArguments(path="0", values={"bias": False}))[3].weight.dtype == torch.float32


def test_meta_networks_stay_meta():
    new = fix(net().to("meta"), SHAPE, settings=ONLY).state
    assert all(tensor.is_meta for tensor in (*new.parameters(), *new.buffers()))
    made = edited(net().to("meta"), Replace(path="3", code="nn.Sequential({old}, nn.BatchNorm2d({out_channels}))"))
    assert all(tensor.is_meta for tensor in (*made.parameters(), *made.buffers()))


def test_what_an_edit_makes_has_the_dtype_and_mode_of_what_was_there():
    model = net().half().eval()
    model[3].train()
    made = edited(model, Replace(path="3", code="nn.Sequential({old}, nn.BatchNorm2d({out_channels}))"))[3]
    assert made[1].weight.dtype == torch.float16
    assert made[1].num_features == 4
    assert torch.equal(made[0].weight, model[3].weight)
    assert made.training
    model[3].eval()
    assert not any(
        m.training for m in edited(model, Replace(path="3", code="nn.Sequential({old}, nn.ReLU())")).modules()
    )


class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3)
        self.inner = nn.Sequential(self.first, nn.BatchNorm2d(8))
        self.again = self.inner

    def forward(self, x):
        return self.inner(x)


def test_a_module_at_several_paths_is_replaced_everywhere():
    new = fix(Shared(), SHAPE, settings=ONLY).state
    assert new.first.bias is None
    assert new.first is new.inner[0]
    assert new.again is new.inner


def test_shared_weights_stay_shared():
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    model[1].weight = model[0].weight
    new = edited(model, SetArguments(path="0", values={"bias": False}))
    assert new[0].weight is new[1].weight
    assert new[0].weight is not model[0].weight


def test_swaps():
    model = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Dropout(0.25)))
    new = edited(model, Swap(path="0", other="1.0"))
    assert isinstance(new[0], nn.Dropout)
    assert isinstance(new[1][0], nn.ReLU)
    assert isinstance(model[0], nn.ReLU)


def test_deletions_and_carried_numbers():
    model = Shared()

    def carry(old, new):
        new.first.weight.mul_(0).add_(old.first.bias.sum())

    new = edited(model, Delete(path="again"), carry=carry)
    assert not hasattr(new, "again")
    assert hasattr(model, "again")
    assert torch.allclose(new.first.weight, model.first.bias.sum())


@pytest.mark.parametrize(
    ("module", "values"),
    [
        (nn.Conv2d(4, 8, (3, 1), stride=2, padding="valid", groups=2), {"bias": False}),
        (nn.ConvTranspose2d(4, 8, 3, output_padding=1, stride=2, padding_mode="zeros"), {"bias": False}),
        (nn.BatchNorm2d(8, eps=1e-3, momentum=None, affine=False), {"eps": 1e-2}),
        (nn.Linear(4, 8, bias=False), {"in_features": 5}),
        (nn.LayerNorm(8, bias=False), {"eps": 1e-3}),
        (nn.MaxPool2d(3, 2, ceil_mode=True), {"padding": 1}),
    ],
)
def test_other_arguments_stay(module, values):
    new = rebuild(module, values)
    for name in module.__constants__ if hasattr(module, "__constants__") else ():
        if name not in values and hasattr(module, name):
            assert getattr(new, name) == getattr(module, name)
    kept = [k for k, v in module.state_dict().items() if k in new.state_dict() and new.state_dict()[k].shape == v.shape]
    assert all(torch.equal(new.state_dict()[k], module.state_dict()[k]) for k in kept)
    wanted = set(module.state_dict()) - ({"bias"} if values == {"bias": False} else set())
    assert set(new.state_dict()) == wanted


class Own(nn.Conv2d):
    def __init__(self, width, scale=1.0):
        super().__init__(width, width, 1)
        self.kept_elsewhere = scale


@pytest.mark.parametrize(
    ("module", "values", "told"),
    [
        (Own(3), {"bias": False}, "'width' is not kept as an attribute"),
        (nn.Conv2d(3, 3, 1), {"biass": False}, "cannot be built anew"),
        (nn.Conv2d(4, 4, 1), {"groups": 3}, "cannot be built anew"),
        (parametrizations.weight_norm(nn.Conv2d(3, 3, 1)), {"bias": False}, "parametrizations"),
    ],
)
def test_what_cannot_be_built_anew_is_said(module, values, told):
    with pytest.raises(ConvwrightError, match=told):
        rebuild(module, values)


def test_hooks_are_not_lost():
    conv = nn.Conv2d(3, 3, 1)
    conv.register_forward_hook(lambda *_: None)
    with pytest.raises(ConvwrightError, match="hooks"):
        rebuild(conv, {"bias": False})


def test_an_own_layer_that_keeps_its_arguments_is_built_anew():
    class Kept(nn.Conv2d):
        def __init__(self, width, scale=1.0, bias=True):
            super().__init__(width, width, 1, bias=bias)
            self.width, self.scale = width, scale

    new = rebuild(Kept(3, 2.0), {"bias": False})
    assert (type(new), new.scale, new.bias) == (Kept, 2.0, None)


def test_what_only_the_source_can_say():
    (relu,) = lint(nn.ReLU(), (1, 3)).analysis.graph.ops
    with pytest.raises(ConvwrightError, match="fix it in the source"):
        edited(nn.ReLU(), RewriteCall(op=relu, code="{input}"))
    with pytest.raises(ConvwrightError, match=r"put it into an nn\.Sequential"):
        edited(nn.Conv2d(3, 3, 1), SetArguments(path="", values={"bias": False}))


@pytest.mark.parametrize("wrap", [nn.DataParallel, torch.compile])
def test_wrappers(wrap):
    assert fix(wrap(net()), SHAPE, settings=ONLY).state[0].bias is None
    inner = fix(nn.Sequential(wrap(net())), SHAPE, settings=ONLY)
    assert inner.refused == () or "wrapped" in inner.refused[0].refusal


def test_unsafe_fixes_are_asked_for(monkeypatch):
    def fixed(op):
        return small_rules.fix(SetArguments(path=op.path, values={"inplace": False}))

    rule = small_rules.at_ops("relu", fixed, if_=lambda op: op.is_inplace)
    monkeypatch.setattr("convwright.linter.engine.all_rules", lambda: {rule.code: rule})
    model = nn.Sequential(nn.ReLU(inplace=True))
    assert fix(model, SHAPE).state[0].inplace
    assert not fix(model, SHAPE, unsafe=True).state[0].inplace
