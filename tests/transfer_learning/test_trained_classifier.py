"""A network is used as it was trained, whatever folder it is from."""

import pytest
import torch
from PIL import Image

from convwright.data import load_data
from convwright.errors import ConvwrightError
from convwright.transfer_learning.trained_classifier import read_trained_classifier
from reference.runs import own_folder, train
from reference.shipped import PREPROCESSING, ship
from reference.small_sets import picture, pixels, write_folders

__all__ = ["own_folder"]  # a fixture that every test here uses


@pytest.fixture
def run(tmp_path):
    train("--run", "run")
    return tmp_path / "run"


def test_a_run_normalizes_all_images_as_in_training(run, tmp_path):
    used, digits = read_trained_classifier(run), load_data("digits")
    data = used.load_data()
    assert (data.mean, data.std, data.class_names) == (digits.mean, digits.std, used.class_names)
    pixel = data.test.images[3]
    picture(pixel.numpy()).save(tmp_path / "digit.png")
    expected = (pixel.float() / 255 - torch.tensor(digits.mean)) / torch.tensor(digits.std)
    torch.testing.assert_close(used.image(tmp_path / "digit.png"), expected)
    write_folders(tmp_path / "other", pixels(200, channels=1, height=30, width=20), digits.class_names)
    other = used.load_data(str(tmp_path / "other"))
    assert (other.mean, other.std, other.image_shape) == (digits.mean, digits.std, (1, 8, 8))
    assert used.card["class_names"] == digits.class_names


def test_a_run_refuses_data_of_another_kind(run, tmp_path):
    used = read_trained_classifier(run)
    write_folders(tmp_path / "pets", pixels(20, channels=1))
    with pytest.raises(ConvwrightError, match=r"classes of pets: expected 0, 1, 2, 3, 4 and 5 more, got cat, dog"):
        used.load_data(str(tmp_path / "pets"))
    write_folders(tmp_path / "colored", pixels(200), used.class_names)
    with pytest.raises(ConvwrightError, match=r"images of colored: expected \(1, 8, 8\), got \(3, 8, 8\)"):
        used.load_data(str(tmp_path / "colored"))


def test_what_is_shipped_prepares_images_by_its_card(tmp_path):
    ship(tmp_path)
    used = read_trained_classifier(tmp_path / "shipped")
    path = tmp_path / "large.jpg"
    Image.effect_noise((70, 50), 60).save(path)
    with Image.open(path) as image:
        assert torch.equal(used.image(path), PREPROCESSING(image))
    data = used.load_data()
    assert (data.mean, data.std, data.name) == (PREPROCESSING.mean, PREPROCESSING.std, "photos")
    assert "data" not in used.card
    write_folders(tmp_path / "birds", pixels(20), ("crow", "owl"))
    with pytest.raises(ConvwrightError, match="classes of birds: expected cat, dog, got crow, owl; name the folders"):
        used.load_data(str(tmp_path / "birds"))


def test_what_is_shipped_without_data_asks_for_some(tmp_path):
    ship(tmp_path, data="")
    used = read_trained_classifier(tmp_path / "shipped")
    with pytest.raises(ConvwrightError, match="does not say what it was trained on; name data with --data"):
        used.load_data()
    write_folders(tmp_path / "few", pixels(6))  # too few to keep some apart for validation
    assert len(used.load_data(str(tmp_path / "few")).test) == 2


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("none.png", None, "there is no image"),
        ("noise.png", b"noise", "cannot be read as an image"),
        ("cut.png", "half", "cannot be read as an image"),
    ],
)
def test_images_that_cannot_be_read_are_named(tmp_path, name, content, told):
    ship(tmp_path)
    if content == "half":
        whole = next((tmp_path / "photos").rglob("*.png")).read_bytes()
        content = whole[: len(whole) // 2]
    if content:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ConvwrightError, match=told):
        read_trained_classifier(tmp_path / "shipped").image(tmp_path / name)


def test_a_folder_without_a_network_is_told(tmp_path):
    with pytest.raises(ConvwrightError, match=r"holds no run: expected a folder with run\.json or model\.json"):
        read_trained_classifier(tmp_path)
