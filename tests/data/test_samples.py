"""The photographs that ship with the package."""

from PIL import Image

from convwright.data import sample_images


def test_they_are_whole_color_photographs():
    for path in sample_images().values():
        with Image.open(path) as image:
            image.load()
            assert image.mode == "RGB"
            assert min(image.size) >= 224


def test_each_has_its_author_and_license():
    text = (next(iter(sample_images().values())).parent / "README.md").read_text()
    assert all(f"`{path.name}`" in text for path in sample_images().values())
