"""What the study of squeeze-excite claims of its arms."""

import torch

from convwright.layers import SqueezeExcite
from convwright.studies import study_named
from convwright.studies.library.squeeze_excite import FixedGate

STUDY = study_named("squeeze-excite")


def built(name):
    return STUDY.arm(name).build(num_classes=10, in_channels=3, seed=0)


def layers(model, kind):
    return [each for each in model.modules() if isinstance(each, kind)]


def test_squeezes_are_as_narrow_as_the_arms_are_named_for():
    widths = {name: [each.fc1.out_channels for each in layers(built(name), SqueezeExcite)] for name in STUDY.arm_names}
    assert widths == {"none": [], "reduction-16": [1, 1, 2], "reduction-4": [2, 4, 8], "fixed-gates": []}


def test_arms_differ_in_their_gates_alone():
    bare = built("none").state_dict()
    for name in STUDY.arm_names:
        rest = {key: value for key, value in built(name).state_dict().items() if ".se." not in key}
        assert rest.keys() == bare.keys()
        assert all(torch.equal(value, bare[key]) for key, value in rest.items())


def test_fixed_gates_stand_where_the_others_do_and_are_the_same_for_every_image():
    model = built("fixed-gates")
    gates = layers(model, FixedGate)
    places = [key for key, value in model.named_modules() if value in gates]
    assert places == [key for key, value in built("reduction-4").named_modules() if isinstance(value, SqueezeExcite)]
    x, gate = torch.rand(2, 8, 4, 4), gates[0]
    torch.nn.init.normal_(gate.weight)
    assert torch.allclose(gate(x) / x, gate.weight.sigmoid().view(1, 8, 1, 1).expand_as(x))
    assert torch.equal(FixedGate(8)(x), x / 2)  # where squeeze-excite begins too, but for what it sees
