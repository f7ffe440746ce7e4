"""What is known of a training is drawn; what is not, is left out."""

from xml.etree import ElementTree

from convwright.reports.run_plots import run_plots

ROWS = [{"epoch": e, "train_loss": 2 / e, "validation_accuracy": 0.1 * e, "lr": 0.1} for e in (1, 2, 3)]


def test_a_picture_for_each_thing_that_is_known():
    found = run_plots(ROWS, [(5, 3.0), (10, 2.0)], epoch_steps=10)
    assert list(found) == ["loss", "accuracy, %", "learning rate"]
    for title, drawn in found.items():
        root = ElementTree.fromstring(drawn)
        assert root.get("aria-label") == f"{title} by epoch"
    assert "steps" in found["loss"]
    assert "steps" not in found["accuracy, %"]


def test_before_the_first_epoch_there_are_the_losses_of_steps():
    assert list(run_plots([], [(1, 3.0)], epoch_steps=10)) == ["loss"]
    assert run_plots([], []) == {}
    assert run_plots([], [(1, 3.0)]) == {}


def test_the_same_run_gives_the_same_picture():
    assert run_plots(ROWS) == run_plots(ROWS)
