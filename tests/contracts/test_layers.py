"""What every example of every layer file must do, whoever adds it; nothing here names a layer."""

import copy
import pickle

import pytest
import safetensors.torch
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from convwright.analysis import mac_rules, saved_tensors
from convwright.analysis.analyze import analyze
from convwright.analysis.fields import rules
from convwright.errors import ConvwrightError
from convwright.layers import bricks
from convwright.models.initialize import initialize
from reference.peers import randomize
from reference.sampling import sampled

CASES = [
    pytest.param(make, brick.input_shape, id=f"{name}: {example}")
    for name, brick in bricks().items()
    for example, make in brick.examples.items()
]
every_example = pytest.mark.parametrize(("make", "shape"), CASES)
FIRST = [f"{name}: {next(iter(brick.examples))}" for name, brick in bricks().items()]
COMPILED = sampled([case.id for case in CASES], 6, always=FIRST)  # a second each


def is_random(layer, x):
    """Whether a call draws random numbers; gradcheck needs the same numbers each time."""
    before = torch.get_rng_state()
    layer(x)
    return not torch.equal(before, torch.get_rng_state())


def answer_or_refusal(layer, x):
    """The output, or our own error; torch's would fail the test."""
    try:
        return layer(x)
    except ConvwrightError as refusal:
        return refusal


def built(make):
    """A layer whose weights and statistics are not the ones it starts with."""
    layer = make()
    randomize(layer)
    return layer


@every_example
@pytest.mark.parametrize("training", [False, True])
def test_forward_and_backward(make, shape, training):
    layer, x = built(make).train(training), torch.randn(shape, requires_grad=True)
    before = x.detach().clone()
    y = layer(x)
    assert y.shape[0] == shape[0]
    assert y.isfinite().all()
    assert torch.equal(x, before)  # the input belongs to the caller
    (y * torch.randn_like(y)).sum().backward()
    for name, tensor in (("input", x), *layer.named_parameters()):
        assert tensor.grad is not None, f"{name} gets no gradient"
        assert tensor.grad.isfinite().all(), f"the gradient of {name} is not finite"


def file_of(module):
    return f"src/{module.__name__.replace('.', '/')}.py"


def analyzed(layer, shape):
    """What is found for the layer after one that learns, so that gradients and their memory are seen too."""
    return analyze(nn.Sequential(nn.PReLU(), layer), shape)


def missing_rules(analysis):
    """A sentence for each kind of fact that the analyzer has no rule for, with the file to write it in."""
    kinds_by_file = {
        file_of(mac_rules): {op.kind for op in analysis.macs.uncounted},
        file_of(rules): {op.kind for op in analysis.fields.unknown},
        file_of(saved_tensors): set(analysis.memory.assumed),
    }
    facts = ("MACs (or, where nothing is multiplied and summed, FLOPs in flop_rules.py)", "receptive field", "memory")
    return [
        f"no rule for the {fact} of {', '.join(sorted(kinds))}: write one in {file}, with a test"
        for fact, (file, kinds) in zip(facts, kinds_by_file.items(), strict=True)
        if kinds
    ]


@every_example
@pytest.mark.parametrize("training", [False, True])
def test_the_analyzer_knows_every_op(make, shape, training):
    analysis = analyzed(make().train(training), shape)
    missing = missing_rules(analysis)
    assert not missing, "; ".join(missing)
    assert analysis.parameters.unused == ()


def test_a_missing_rule_is_announced_with_its_file():
    class Unheard(nn.Module):
        def forward(self, x):
            return torch.special.airy_ai(x)

    macs, field, memory = missing_rules(analyzed(Unheard(), (1, 8, 5, 5)))
    assert macs.startswith("no rule for the MACs")
    assert macs.endswith("of special_airy_ai: write one in src/convwright/analysis/mac_rules.py, with a test")
    assert field.endswith("of special_airy_ai: write one in src/convwright/analysis/fields/rules.py, with a test")
    assert memory.endswith("of special_airy_ai: write one in src/convwright/analysis/saved_tensors.py, with a test")


@pytest.mark.parametrize("name", bricks())
def test_the_analyzer_counts_the_macs_that_torch_counts(name):
    """Or those that `BRICK.macs` states, for ops that torch's counter does not know."""
    brick = bricks()[name]
    assert brick.macs.keys() <= brick.examples.keys()
    for example, make in brick.examples.items():
        layer = make().eval()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            layer(torch.zeros(brick.input_shape))
        expected = brick.macs.get(example, counter.get_total_flops() // 2)
        counted = analyzed(layer, brick.input_shape).totals.macs
        assert counted == expected, (
            f"{example}: the rules of {file_of(mac_rules)} count {counted:,} MACs, torch's counter or BRICK.macs "
            f"{expected:,}; correct the rule, or state in BRICK.macs what torch does not count"
        )


@every_example
@pytest.mark.parametrize("training", [False, True])
def test_gradients_match_differences(make, shape, training):
    layer = make().double().train(training)
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, 0.1, 1.5)
    names = [name for name, _ in layer.named_parameters()]
    x = torch.randn(2, shape[1], 5, 4, dtype=torch.double, requires_grad=True)
    if is_random(layer, x):
        pytest.skip("draws anew at each call")

    def run(x, *values):
        return torch.func.functional_call(layer, dict(zip(names, values, strict=True)), x)

    assert torch.autograd.gradcheck(run, (x, *layer.parameters()), fast_mode=True)


@every_example
def test_eval_is_deterministic(make, shape):
    layer, x = built(make).eval(), torch.randn(shape)
    state = torch.get_rng_state()
    first = layer(x)
    assert torch.equal(first, layer(x))
    assert torch.equal(state, torch.get_rng_state())


@every_example
def test_samples_of_a_batch_do_not_mix_in_eval(make, shape):
    layer, x = built(make).eval(), torch.randn(shape)
    torch.testing.assert_close(layer(x)[1:], layer(x[1:]), rtol=1e-4, atol=1e-5)


@every_example
def test_channels_last_gives_the_same(make, shape):
    layer, x = built(make).eval(), torch.randn(shape)
    expected = layer(x)
    layer = layer.to(memory_format=torch.channels_last)
    torch.testing.assert_close(layer(x.contiguous(memory_format=torch.channels_last)), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("make", "shape"), [case for case in CASES if case.id in COMPILED])
def test_compiles_to_one_graph(make, shape):
    layer, x = built(make).eval(), torch.randn(shape)
    torch._dynamo.reset()
    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), layer(x), rtol=1e-5, atol=1e-5)


@every_example
def test_state_makes_a_round_trip_through_safetensors(make, shape):
    layer, other, x = built(make).eval(), make().eval(), torch.randn(shape)
    state = layer.state_dict()
    loaded = safetensors.torch.load(safetensors.torch.save(state))
    assert loaded.keys() == state.keys()
    assert all(torch.equal(loaded[key], tensor) and loaded[key].dtype == tensor.dtype for key, tensor in state.items())
    other.load_state_dict(loaded)
    assert torch.equal(other(x), layer(x))


@every_example
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))], ids=["copy", "pickle"]
)
def test_copies(make, shape, copied):
    layer, x = built(make).eval(), torch.randn(shape)
    twin = copied(layer)
    assert torch.equal(twin(x), layer(x))
    assert not {id(p) for p in twin.parameters()} & {id(p) for p in layer.parameters()}


@every_example
def test_builds_on_meta_and_is_filled_like_any_other(make, shape):
    with torch.device("meta"):
        hollow = make()
    assert all(tensor.is_meta for tensor in (*hollow.parameters(), *hollow.buffers()))
    filled, ordinary = hollow.to_empty(device="cpu").eval(), make().eval()
    for layer in (filled, ordinary):
        for tensor in (*layer.parameters(), *layer.buffers()):
            tensor.detach().fill_(7)
        initialize(layer, "resnet", seed=1)
    x = torch.randn(shape)
    assert torch.equal(filled(x), ordinary(x))
    assert filled(x).isfinite().all()


@every_example
@pytest.mark.parametrize("size", [(2, 2), (3, 3), (5, 2), (7, 12), (1, 9)], ids=str)
def test_odd_sizes_work_or_are_refused_by_name(make, shape, size):
    """(1, 9) is a map that many windows do not fit: an answer or a `ConvwrightError`, never torch's own error."""
    for training in (False, True):
        answer = answer_or_refusal(make().train(training), torch.randn(2, shape[1], *size))
        if isinstance(answer, ConvwrightError):
            assert min(size) < 3
            assert " px" in answer.expected
        else:
            assert answer.isfinite().all()
            assert answer.numel() > 0


@every_example
def test_a_map_of_one_pixel_works_or_is_refused_by_name(make, shape):
    answer = answer_or_refusal(make().eval(), torch.randn(2, shape[1], 1, 1))
    assert answer.got in ("1 px", "1x1") if isinstance(answer, ConvwrightError) else answer.isfinite().all()


@every_example
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_precision_gives_nearly_the_same(make, shape, dtype):
    layer, x = make().eval(), torch.randn(shape).to(dtype)
    expected = layer(x.float())
    y = layer.to(dtype)(x)
    assert y.dtype is dtype
    torch.testing.assert_close(y.float(), expected, rtol=5e-2, atol=5e-2)
