"""Sets with a name: the code that reads the Hub, on tables that the same library made here."""

import pytest

from convwright.data.sources.named import NAMED, from_hub, local_folder
from convwright.errors import ConvwrightError
from reference.small_sets import NAMES, encoded, on_the_hub, pixels

CONTENTS = [encoded(image) for image in pixels(4)]


def test_images_come_encoded_with_labels_and_names(monkeypatch):
    asked = on_the_hub(monkeypatch)
    raw = from_hub("cifar100")
    assert asked == [("uoft-cs/cifar100", None, "train"), ("uoft-cs/cifar100", None, "test")]
    assert raw.class_names == NAMES
    for part in ("train", "test"):
        assert raw.splits[part].labels.tolist() == [0, 1, 1, 0]
        assert [raw.splits[part].images.read(index) for index in range(4)] == CONTENTS


def test_the_validation_split_is_the_test_where_labels_of_the_test_are_hidden(monkeypatch):
    asked = on_the_hub(monkeypatch, label="label", image="image")
    assert sorted(from_hub("imagenet-1k").splits) == ["test", "train"]
    assert [split for _, _, split in asked] == ["train", "validation"]
    assert sorted(from_hub("flowers102").splits) == ["test", "train", "validation"]


def test_a_set_that_changed_is_refused(monkeypatch):
    on_the_hub(monkeypatch, image="picture")
    with pytest.raises(
        ConvwrightError, match=r"uoft-cs/cifar100 on the Hub has changed: expected columns img and fine"
    ):
        from_hub("cifar100")


def test_without_a_network_the_next_step_is_said(monkeypatch):
    import datasets

    def offline(*_args, **_kwargs):
        raise ConnectionError("Couldn't reach 'ylecun/mnist' on the Hub (LocalEntryNotFoundError)")

    monkeypatch.setattr(datasets, "load_dataset", offline)
    with pytest.raises(
        ConvwrightError, match=r"mnist is on no disk here.*CONVWRIGHT_DATA name a folder that holds mnist"
    ):
        from_hub("mnist")


def test_folders_are_found_by_their_other_names(tmp_path):
    assert local_folder("fashion-mnist", tmp_path) is None
    (tmp_path / "FashionMNIST" / "raw").mkdir(parents=True)
    assert local_folder("fashion-mnist", tmp_path) == tmp_path / "FashionMNIST" / "raw"
    (tmp_path / "fashion-mnist").mkdir()
    assert local_folder("fashion-mnist", tmp_path) == tmp_path / "fashion-mnist"
    (tmp_path / "mine").mkdir()
    assert local_folder("mine", tmp_path) == tmp_path / "mine"


def test_the_table_knows_the_sets_it_should():
    assert {"cifar10", "cifar100", "fashion-mnist", "mnist", "oxford-pets", "stanford-cars"} < set(NAMED)
    assert all(named.hub_id.count("/") == 1 for named in NAMED.values())
