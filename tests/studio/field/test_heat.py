"""The effective field comes image by image, and is the one that is measured at once."""

import numpy as np
import pytest
import torch

from convwright.analysis.analyze import analyze
from convwright.analysis.effective_field import effective_field
from convwright.errors import ConvwrightError
from convwright.models import build
from convwright.studio.field import heat as room
from convwright.studio.field.heat import growing_field, require_affordable

SHAPE = (1, 3, 32, 32)


def test_it_ends_where_all_images_at_once_do():
    model, layer = build("resnet20"), "stages.stage2.1.residual.conv1.conv"
    found = list(growing_field(lambda: model, SHAPE, layer, num_images=3))
    assert [one.num_images for one in found] == [1, 2, 3]
    whole = effective_field(model, (3, *SHAPE[1:]), layer=layer)
    assert np.allclose(found[-1].gradient, whole.gradient, rtol=1e-4, atol=1e-9)
    assert found[-1].area_px == pytest.approx(whole.area_px, abs=2)
    assert (found[-1].layer, found[-1].position) == (whole.layer, whole.position)
    assert not np.allclose(found[0].gradient, whole.gradient, rtol=1e-4)


def test_nothing_is_built_before_it_is_asked_for_and_the_generator_of_others_is_left_alone():
    built = []

    def load():
        built.append(True)
        return build("resnet20")

    state = torch.get_rng_state()
    fields = growing_field(load, SHAPE, "stem")
    assert not built
    next(fields)
    assert built
    assert torch.equal(torch.get_rng_state(), state)


def test_what_memory_would_not_hold_is_refused_beforehand(monkeypatch):
    analysis = analyze(build("resnet20", device="meta").eval(), SHAPE, label="resnet20")
    require_affordable(analysis)
    monkeypatch.setattr(room, "MOST_BYTES", 2**20)
    with pytest.raises(ConvwrightError, match=r"the effective field of resnet20: expected at most 1.00 MiB"):
        require_affordable(analysis)
