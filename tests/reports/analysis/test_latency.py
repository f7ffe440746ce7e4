"""Measured times as people read them."""

from dataclasses import replace

from rich.console import Group

from convwright.analysis.latency import Latency
from convwright.analysis.module_latency import ModuleTimes
from convwright.analysis.roofline import Roofline
from convwright.reports.analysis.latency import LatencyReport, latency_table, module_times, roofline_note
from convwright.reports.to_text import as_string

MEASURED = Latency(batch_size=16, precision="bf16", compiled=False, device="some GPU", seconds=(0.2,) * 9 + (0.4,))
LAST = replace(MEASURED, channels_last=True, seconds=(0.1,) * 20)
TIMES = ModuleTimes(
    batch_size=4,
    precision="fp32",
    # In the second pass the machine paused: for 0.5 s in "a", which is nobody's time.
    own_seconds={"a": (0.1, 0.6, 0.1), "b": (0.3, 0.3, 0.3), "": (0.1, 0.1, 0.1)},
)


def test_a_line_for_each_measurement_and_what_channels_last_gains():
    text = as_string(latency_table([MEASURED, LAST, replace(MEASURED, compiled=True)]), width=80)
    assert "latency on some GPU" in text
    lines = [line.split() for line in text.splitlines()[2:]]
    assert lines[0] == ["16", "bf16", "it", "is", "200", "ms", "200", "to", "200", "ms", "80.0"]
    assert lines[1] == ["16", "bf16", "channels", "last", "100", "ms", "100", "to", "100", "ms", "160.0", "2.00x"]
    assert lines[2][-1] == "1.00x"
    assert "compiled" in lines[2]


def test_the_slowest_modules_come_first_with_their_share():
    text = as_string(module_times(TIMES))
    assert text.index("b ") < text.index("a ")
    assert [line.split()[-2] for line in text.splitlines()[-3:]] == ["60.0", "20.0", "20.0"]
    assert "(outside of modules)" in text
    assert "batch 4, fp32" in text


def test_a_report_shows_what_it_has():
    assert LatencyReport().shown() == []
    report = LatencyReport(measured=(MEASURED,), modules=TIMES, problems=("bf16 is missing",))
    text = as_string(Group(*report.shown()))
    assert "not measured: bf16 is missing" in text
    assert "some GPU" in text
    plain = report.to_dict()
    assert plain["measured"][0]["low_seconds"] == 0.2
    assert plain["roofline"] is None
    assert plain["modules"]["modules"][1]["own_median_seconds"] == 0.3


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
