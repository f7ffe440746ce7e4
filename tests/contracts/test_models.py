"""What every architecture of the zoo promises, found by discovery."""

import copy
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.layers import HEADS, STEMS, downsample_names
from convwright.linter import Severity, lint
from convwright.models import build, config_of, families, family_of, model_names
from reference.sampling import sampled, seed, smallest

REPRESENTATIVES = [smallest(family) for family in families().values()]
SOME = sampled(model_names(), 6, always=REPRESENTATIVES)
SHALLOW = 0.34  # depth: every kind of block, few of each
DEPTH = 1.0 if seed() == "all" else SHALLOW
COMPILED = sampled(REPRESENTATIVES, 4)  # seconds each, and all families share one forward
DOWNSAMPLED = [pair.split() for pair in sampled([f"{n} {d}" for n in REPRESENTATIVES for d in downsample_names()], 45)]


def images(config, batch=2, size=None, device="meta"):
    size = size or config.input_size
    generator = None if device == "meta" else torch.Generator().manual_seed(0)
    return torch.randn(batch, config.in_channels, size, size, device=device, generator=generator)


@pytest.mark.parametrize("name", SOME)
def test_builds_and_every_parameter_gets_a_gradient(name):
    model = build(name, device="meta")
    logits = model(images(model.config))
    assert logits.shape == (2, model.config.num_classes)
    logits.sum().backward()
    assert [n for n, p in model.named_parameters() if p.grad is None] == []


@pytest.mark.parametrize("name", SOME)
def test_analyzes_with_nothing_left_out(name):
    model = build(name, device="meta").eval()
    found = analyze(model, tuple(images(model.config, batch=1).shape))
    assert found.macs.uncounted == found.fields.unknown == found.parameters.unused == ()
    assert found.memory.assumed == ()
    assert found.totals.parameters == sum(p.numel() for p in model.parameters())
    assert found.totals.macs > 0
    assert min(found.totals.receptive_field_px) > 1


@pytest.mark.parametrize("name", SOME)
def test_lints_without_errors(name):
    model = build(name, device="meta")
    found = lint(model, tuple(images(model.config, batch=1).shape)).findings
    assert [finding for finding in found if finding.severity is Severity.ERROR] == []


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_lints_without_errors_where_weights_can_be_read(name):
    model = build(name)
    found = lint(model, tuple(images(model.config, batch=1).shape)).findings
    assert [finding for finding in found if finding.severity is Severity.ERROR] == []


@pytest.mark.parametrize("name", SOME)
def test_stages_and_features_are_there(name):
    model = build(name, device="meta").eval()
    x = images(model.config, batch=1)
    maps = model.forward_stages(x)
    assert list(maps) == [f"stage{i}" for i in range(1, len(model.stages) + 1)]
    sizes = [m.shape[-1] for m in maps.values()]
    assert sizes == sorted(sizes, reverse=True)
    assert model.forward_features(x).shape[1] == model.num_features
    assert build(name, device="meta", head="none").eval()(x).shape == (1, model.num_features)


@pytest.mark.parametrize("name", SOME)
def test_gray_images_of_odd_and_small_sizes_work_or_give_one_clear_error(name):
    model = build(name, device="meta", in_channels=1, num_classes=3).eval()
    smallest_px = families()[family_of(name)].smallest_image_px(model.config)
    for size in (1, 2, 3, 17, 37):
        x = images(model.config, size=size)
        if size < smallest_px:
            with pytest.raises(ConvwrightError, match=r"larger than its map: expected .*, got"):
                model(x)
        else:
            assert model(x).shape == (2, 3)


@pytest.mark.parametrize(("name", "downsample"), DOWNSAMPLED)
def test_every_family_takes_every_downsampling(name, downsample):
    model = build(name, device="meta", downsample=downsample, depth=DEPTH)
    logits = model(images(model.config, size=64))
    logits.sum().backward()
    assert [n for n, p in model.named_parameters() if p.grad is None] == []


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_every_family_takes_every_stem_and_head(name):
    for stem in STEMS:
        config = config_of(name)
        if stem == "none" != config.stem:  # the first stage is wider than an image
            with pytest.raises(ConvwrightError, match="clash"):
                build(name, device="meta", stem=stem, depth=DEPTH)
            continue
        model = build(name, device="meta", stem=stem, depth=DEPTH)
        assert model(images(config, size=128)).shape == (2, config.num_classes)
    for head in HEADS:
        width = {"none": build(name, device="meta", depth=DEPTH).num_features}.get(head, 5)
        model = build(name, device="meta", head=head, num_classes=5, depth=DEPTH)
        assert model(images(config)).shape == (2, width)


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_width_and_depth_scale(name):
    def parameters(**options):
        return sum(p.numel() for p in build(name, device="meta", **options).parameters())

    assert parameters(width=0.5) < parameters() < parameters(width=1.5)
    assert (parameters() < parameters(depth=2.0)) is families()[family_of(name)].has_blocks


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_real_forward_is_deterministic_and_the_same_by_every_door(name):
    model = build(name, depth=DEPTH).eval()
    x = images(model.config, size=64, device="cpu")
    with torch.inference_mode():
        logits = model(x)
        assert logits.isfinite().all()
        assert logits.std() > 0
        assert torch.equal(logits, model(x))
        assert torch.equal(logits, model.head(model.forward_features(x)))
        last = list(model.forward_stages(x).values())[-1]
        assert torch.equal(logits, model.head(model.final(last)))


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_training_gradients_are_finite(name):
    model = build(name, num_classes=4, depth=0.5)
    model(images(model.config, batch=4, size=64, device="cpu")).logsumexp(1).sum().backward()
    bad = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert bad == []


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_round_trips(name, tmp_path):
    model = build(name, seed=3, depth=DEPTH).eval()
    x = images(model.config, batch=1, size=32, device="cpu")
    with torch.inference_mode():
        expected = model(x)
        for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            assert torch.equal(twin(x), expected)
    save_file(model.state_dict(), tmp_path / "net.safetensors")
    again = build(name, weights=str(tmp_path / "net.safetensors"), depth=DEPTH)
    assert all(torch.equal(again.state_dict()[k], v) for k, v in load_file(tmp_path / "net.safetensors").items())


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_seeds(name):
    torch.manual_seed(0)
    state = torch.get_rng_state()
    first, same, other = (build(name, seed=seed, depth=DEPTH).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(first[k], same[k]) for k in first)
    assert any(not torch.equal(first[k], other[k]) for k in first)


@pytest.mark.parametrize("name", COMPILED)
def test_compiles(name):
    torch.compiler.reset()  # the families share their forward, and torch counts what it compiled of it
    model = build(name, depth=SHALLOW).eval()
    x = images(model.config, batch=1, size=64, device="cpu")
    with torch.inference_mode():
        expected = model(x)
        got = torch.compile(model, backend="aot_eager", fullgraph=True)(x)
    assert torch.allclose(got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_replacing_the_head_leaves_the_rest(name):
    model = build(name, seed=5, depth=SHALLOW).eval()
    before = {k: v.clone() for k, v in model.state_dict().items() if not k.startswith("head.")}
    assert model.replace_head(7) is model
    assert model(images(model.config, batch=1, size=64, device="cpu")).shape == (1, 7)
    assert not model.head.training
    assert all(torch.equal(model.state_dict()[k], v) for k, v in before.items())
