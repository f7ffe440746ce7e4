"""A run under way: who watches it, when it writes."""

from convwright.training import EpochMetrics, train
from convwright.training.progress import StepReport
from reference.tiny_training import tiny_data, tiny_net, tiny_recipe


def watched(**options):
    seen = []
    train(tiny_net(), tiny_data(), tiny_recipe(epochs=2), device="cpu", watch=seen.append, **options)
    return seen


def test_whoever_watches_sees_every_step_and_epoch():
    seen = watched()
    steps = [each for each in seen if isinstance(each, StepReport)]
    assert [each.step for each in steps] == list(range(1, 13))
    assert {each.num_steps for each in steps} == {12}
    assert [each.epoch for each in steps] == [1] * 6 + [2] * 6
    assert all(each.num_images == 8 and each.loss.item() > 0 for each in steps)
    epochs = [each for each in seen if isinstance(each, EpochMetrics)]
    assert [each.epoch for each in epochs] == [1, 2]
    mean = sum(each.loss.item() for each in steps[:6]) / 6
    assert abs(epochs[0].train_loss - mean) < 1e-6
    assert isinstance(seen[6], EpochMetrics)


def test_checkpoints_come_at_epochs_and_after_the_time(tmp_path):
    counts = {}
    for name, seconds in (("seldom", 1e9), ("always", 0.0)):
        watched(folder=tmp_path / name, checkpoint_seconds=seconds)
        counts[name] = sorted(path.name for path in (tmp_path / name / "checkpoints").iterdir())
    assert counts["seldom"] == ["step-000000006.safetensors", "step-000000012.safetensors"]
    assert counts["always"] == ["step-000000011.safetensors", "step-000000012.safetensors"]
