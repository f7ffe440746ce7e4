"""Measured times as people read them."""

from convwright.analysis.latency import Latency
from convwright.analysis.roofline import Roofline
from convwright.reports.analysis.latency import latency_table, module_times, roofline_note
from convwright.reports.to_text import as_string

MEASURED = Latency(batch_size=16, precision="bf16", compiled=True, device="some GPU", seconds=(0.2,) * 9 + (0.4,))


def test_a_line_for_each_measurement():
    text = as_string(latency_table([MEASURED]))
    assert "latency on some GPU" in text
    assert "compiled" in text
    assert "200 ms" in text
    assert "80.0" in text  # 16 images in 0.2 s


def test_the_slowest_modules_come_first():
    text = as_string(module_times({"a": 0.1, "b": 0.3, "": 0.1}))
    assert text.index("b ") < text.index("a ")
    assert "60.0 %" in text
    assert "(outside of modules)" in text


def test_the_roofline_says_what_waits():
    best = Roofline(
        macs=1000,
        bytes_moved=500,
        compute_seconds=0.001,
        movement_seconds=0.003,
        bound_seconds=0.004,
        memory_bound_share=0.75,
    )
    text = roofline_note(best, MEASURED)
    assert "2.0 MACs a byte" in text
    assert "75.0 % of that bound waits for memory" in text
    assert "50.0 times the bound" in text
    assert "Measured" not in roofline_note(best, None)
