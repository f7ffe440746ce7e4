"""The picture of a network: sizes, colors and words of its blocks."""

from xml.etree import ElementTree

from convwright.analysis.stages import Stage
from convwright.reports.analysis.picture import network_file, network_picture


def stage(side, channels, macs):
    return Stage(
        size_px=(side, side) if side else (),
        channels=channels,
        num_ops=3,
        parameters=10,
        macs=macs,
        flops=2 * macs,
        receptive_field_px=(5, 5) if side else None,
        first_path="a<b",
        last_path="c",
    )


def blocks(*stages):
    return ElementTree.fromstring(network_picture(stages)).findall("g")


def extent(block, axis):
    values = [float(point.split(",")[axis]) for point in block.find("polygon").get("points").split()]
    return max(values) - min(values)


def test_height_follows_the_map_and_width_the_channels():
    large, small = blocks(stage(64, 8, 1), stage(16, 128, 1))
    assert extent(large, 1) == 2 * extent(small, 1)  # the square root of 64 / 16
    assert extent(small, 0) > extent(large, 0)


def test_color_follows_the_share_of_the_macs():
    cheap, dear = blocks(stage(32, 8, 1), stage(32, 8, 99))
    assert cheap.find("polygon").get("fill") != dear.find("polygon").get("fill")
    assert "99.0 %" in dear.find("title").text


def test_words_are_escaped_and_a_head_has_no_size():
    block, head = blocks(stage(32, 8, 1), stage(0, 10, 1))
    assert "a<b" in block.find("title").text  # parsed: it was &lt; in the file
    assert "one value" in head.find("title").text
    assert network_picture([]) == ""


def test_a_file_opens_alone():
    picture = ElementTree.fromstring(network_file([stage(32, 8, 1), stage(0, 10, 1)]))
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert [child.tag.rpartition("}")[2] for child in picture] == ["style", "g", "g"]
    assert network_file([]) == ""
