"""Operators that arrange, choose and resize compute what ONNX's reference implementation computes."""

import numpy as np
import pytest


def test_shapes(agrees, image):
    agrees("Reshape", [image], constants=[np.array([0, -1, 7])])
    agrees("Flatten", [image])
    agrees("Flatten", [image], axis=2)
    agrees("Transpose", [image], perm=[0, 2, 3, 1])
    agrees("Unsqueeze", [image], constants=[np.array([0, -1])])
    agrees("Squeeze", [image[:1, :, :1]], constants=[np.array([0, 2])])
    agrees("Expand", [image[:, :1]], constants=[np.array([2, 4, 1, 1])])
    agrees("Tile", [image], constants=[np.array([1, 2, 1, 3])])
    agrees("Concat", [image, image], axis=1)


def test_choices(agrees, image):
    agrees("Slice", [image], constants=[np.array([1, -3]), np.array([6, 999]), np.array([2, 3]), np.array([2, 1])])
    agrees("Slice", [image], constants=[np.array([-1]), np.array([-99]), np.array([3]), np.array([-1])])
    agrees("Split", [image], constants=[np.array([1, 3])], axis=1, outputs=2)
    agrees("Split", [image], axis=3, num_outputs=2, outputs=2)
    agrees("Gather", [image], constants=[np.array(2)], axis=-1)
    agrees("Gather", [image], constants=[np.array([[0, -1], [1, 2]])], axis=1)
    agrees("GatherElements", [image], constants=[np.full((2, 4, 6, 1), -2)], axis=3)
    agrees("Trilu", [image], constants=[np.array(1)], upper=0)
    agrees("TopK", [image], constants=[np.array([2])], axis=2, outputs=2)


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge", "wrap"])
def test_padding(agrees, image, mode):
    agrees("Pad", [image], constants=[np.array([0, 0, 1, 2, 0, 0, 0, 1])], mode=mode)


@pytest.mark.parametrize(
    "attributes",
    [
        {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
        {"mode": "nearest"},
        {"mode": "linear", "coordinate_transformation_mode": "align_corners"},
        {"mode": "linear"},
        {"mode": "linear", "antialias": 1},
        {"mode": "cubic", "cubic_coeff_a": -0.75},
        {"mode": "cubic", "cubic_coeff_a": -0.5},
    ],
    ids=str,
)
def test_resizing(agrees, image, attributes):
    no_region, none = np.array([], dtype=np.float32), np.array([], dtype=np.float32)
    agrees("Resize", [image], constants=[no_region, np.float32([1, 1, 2, 2])], **attributes)
    agrees("Resize", [image], constants=[no_region, none, np.array([2, 4, 9, 10])], **attributes)


def test_channels_and_pixels(agrees, image):
    for mode in ("DCR", "CRD"):
        agrees("DepthToSpace", [image], blocksize=2, mode=mode)
    agrees("SpaceToDepth", [image[..., :6]], blocksize=2)
    grid = np.random.default_rng(0).uniform(-1, 1, (2, 3, 3, 2)).astype(np.float32)
    agrees("GridSample", [image, grid], align_corners=1)
