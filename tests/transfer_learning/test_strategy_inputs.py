"""Splits and features of a seed: the same for all strategies, and never of the test images."""

from itertools import pairwise

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.transfer_learning.strategy_inputs import ImagePool
from reference.tiny_training import tiny_data
from reference.tiny_transfer import tiny_pool, tiny_setting


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVWRIGHT_CACHE", str(tmp_path))


def test_each_seed_draws_its_own_validation_images():
    pool = tiny_pool()
    first, second = pool.rows(0, 1.0), pool.rows(1, 1.0)
    assert not torch.equal(first[1], second[1])
    for learned, validated in (first, second):
        assert sorted([*learned.tolist(), *validated.tolist()]) == list(range(48))
        assert torch.bincount(pool.data.train.labels[validated]).tolist() == [3, 3, 3]  # 20 % of 16, rounded


def test_images_of_a_smaller_share_are_among_those_of_a_larger():
    pool = tiny_pool()
    by_share = {share: pool.rows(3, share) for share in (0.1, 0.25, 0.5, 1.0)}
    sets = [set(learned.tolist()) for learned, _ in by_share.values()]
    assert all(small < large for small, large in pairwise(sets))
    assert torch.bincount(pool.data.train.labels[by_share[0.1][0]]).tolist() == [1, 1, 1]
    assert len({tuple(validated.tolist()) for _, validated in by_share.values()}) == 1


def test_validation_images_that_came_with_the_data_are_every_seeds():
    data = tiny_data()
    pool = tiny_pool(data)
    learned, validated = pool.rows(5, 1.0)
    assert (len(learned), len(validated)) == (48, 0)
    setting = tiny_setting(pool=pool)
    assert setting.data.validation is data.validation
    assert len(setting.features["validation"]) == 12


def test_features_are_those_of_the_images():
    setting = tiny_setting(seed=2, share=0.5)
    whole = setting.pool.features
    with torch.no_grad():
        for part, found in setting.features.items():
            images = getattr(setting.data, part)
            x = images.images.float().div(255).sub(0.3).div(0.2)
            torch.testing.assert_close(found["head"], setting.backbone.features(x))
            assert torch.equal(found.labels, images.labels)
    assert setting.features["train"].seconds == pytest.approx(whole["train"].seconds * len(setting.data.train) / 48)


def test_no_image_to_validate_with_is_told():
    pool = tiny_pool(validation=0.01)
    with pytest.raises(ConvwrightError, match="validation images of tiny: expected at least one, got none"):
        pool.rows(0, 1.0)
    with pytest.raises(ConvwrightError, match="validation"):
        ImagePool(backbone=pool.backbone, data=pool.data, validation=1.0)
