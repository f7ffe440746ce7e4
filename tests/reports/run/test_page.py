"""The page of a run: what the record says, and nothing from elsewhere."""

import io

from PIL import Image

from convwright.reports.run.page import run_page, write_pictures

RECORD = {
    "recipe": {"name": "short", "epochs": 2, "steps": None, "optimizer": {"lr": 0.1}},
    "numerics": {"precision": "fp32"},
    "data": {"name": "<made>", "class_names": ["cat", "dog"], "num_images": {"train": 90}, "note": "re-compressed"},
    "model": {"name": "Net", "num_parameters": 1234},
    "environment": {"torch": "2"},
    "epochs": [{"epoch": 1, "train_loss": 1.0, "validation_loss": None, "lr": 0.1, "seconds": 61.0}],
    "test": {
        "accuracy": 0.75, "accuracy_interval_95": [0.7, 0.8], "num_images": 100, "loss": 0.5,
        "calibration_error": 0.04, "class_accuracies": [0.9, None], "confusion": [[9, 1], [0, 0]],
    },
    "notes": ["the first loss was 9"],
}  # fmt: skip


def test_the_page_says_what_the_record_says():
    page = run_page(RECORD, b"curves", b"confusion", model="resnet20")
    for words in (
        "75.00%",
        "70.00% to 80.00%",
        "re-compressed",
        "the first loss was 9",
        "1,234",
        "optimizer.lr",
        "resnet20 on",
    ):
        assert words in page
    assert "no images" in page
    assert "1 min 01 s" in page
    assert "&lt;made&gt;" in page
    assert "http" not in page.replace("http-equiv", "")


def test_pictures_and_page_are_written_whole(tmp_path):
    page = write_pictures(tmp_path, RECORD, model="resnet20")
    assert {path.name for path in tmp_path.iterdir()} == {"curves.png", "confusion.png", "report.html"}
    assert page.name == "report.html"
    assert Image.open(io.BytesIO((tmp_path / "curves.png").read_bytes())).format == "PNG"
