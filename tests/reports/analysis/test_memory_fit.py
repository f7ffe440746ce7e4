"""Answers about a budget of memory as people read them."""

import convwright


def answer(budget, **options):
    return str(convwright.analyze(convwright.build("resnet20").eval(), (1, 3, 32, 32)).fits(budget, **options))


def test_the_answer_comes_first_and_each_change_has_a_line():
    lines = answer("20MB", batch=64, optimizer="adam").splitlines()
    assert lines[0].strip() == "A batch of 64 does not fit: it trains in 19.1 MiB with at most 10 images at once"
    starts = ["as it is, adam", "accumulate 8 x 8", "bf16", "checkpoint stages.stage1.0"]
    assert [line[: len(start)] for line, start in zip(lines[2:], starts, strict=False)] == starts
    text = " ".join(" ".join(lines).split())
    assert "Inference fits with at most" in text
    assert "optimizer state stay in float32" in text
    assert "Not counted: workspaces of convolutions" in text


def test_without_a_batch_it_is_the_largest():
    assert answer("20MB").startswith("It trains in 19.1 MiB with at most 1")
    assert "does not train" not in answer("20MB")


def test_what_never_fits_is_said():
    text = " ".join(answer("100kB", batch=2).split())
    assert "it does not train in 97.7 KiB" in text
    assert "Inference does not fit either" in text
    assert "No change that is known here makes training fit" in text
