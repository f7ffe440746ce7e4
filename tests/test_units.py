import pytest
from hypothesis import given
from hypothesis import strategies as st

from convwright import units
from convwright.errors import ConvwrightError

SCALES = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
BYTES = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
SECONDS = {"s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


@given(st.integers(-999 * 10**12, 999 * 10**12))
def test_a_count_reads_back_within_half_of_its_third_digit(value):
    number, _, prefix = units.count(value).partition(" ")
    assert float(number) * SCALES[prefix] == pytest.approx(value, rel=5.1e-3)
    assert len(number.lstrip("-").replace(".", "")) <= 3


@given(st.integers(0, 2**50))
def test_a_size_in_memory_reads_back(value):
    number, unit = units.bytes_(value).split()
    assert float(number) * BYTES[unit] == pytest.approx(value, rel=5.1e-3)


@given(st.floats(1e-9, 59.9))
def test_a_short_duration_reads_back(value):
    number, unit = units.seconds(value).split()
    assert float(number) * SECONDS[unit] == pytest.approx(value, rel=5.1e-3)
    assert 0.999 <= float(number) < 1000


@given(st.integers(60, 10**6))
def test_a_long_duration_reads_back_within_its_last_word(value):
    words = units.seconds(value).split()
    counted = dict(zip(words[1::2], map(int, words[::2]), strict=True))
    total = 3600 * counted.get("h", 0) + 60 * counted["min"] + counted.get("s", 0)
    assert 0 <= value - total < (60 if "h" in counted else 1)
    assert counted["min"] < 60
    assert counted.get("s", 0) < 60


@pytest.mark.parametrize(
    ("value", "text"), [(999, "999"), (999.5, "1.00 k"), (999_499, "999 k"), (999_500, "1.00 M"), (99_950, "100 k")]
)
def test_a_count_rounds_into_the_next_prefix(value, text):
    assert units.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(59.94, "59.9 s"), (59.95, "1 min 00 s"), (3599.6, "1 h 00 min"), (9.996e-4, "1.00 ms")]
)
def test_a_duration_rounds_into_the_next_unit(value, text):
    assert units.seconds(value) == text


def test_the_unit_follows_its_prefix():
    assert units.count(25_557_032, "parameters") == "25.6 Mparameters"
    assert units.count(12, "px") == "12 px"
    assert units.bytes_(1024) == "1.00 KiB"


def test_size_and_percent():
    assert units.size((3, 224, 192)) == "3x224x192"
    assert units.percent(1 / 3) == "33.3 %"


@given(st.integers(1, 1023), st.sampled_from([*BYTES, "kB", "MB", "GB", "TB"]), st.sampled_from(["", " "]))
def test_a_size_in_memory_is_read(value, unit, space):
    scale = BYTES.get(unit) or 1000 ** (1 + "kMGT".index(unit[0]))
    assert units.parse_bytes(f"{value}{space}{unit}") == value * scale
    assert units.parse_bytes(f"{value}{space}{unit.lower()}") == value * scale


@pytest.mark.parametrize("text", ["", "2", "GiB", "-1GB", "0B", "2 Gib it", "1e3MB", "2XB", "inf GB"])
def test_what_is_no_size_in_memory_is_refused(text):
    with pytest.raises(ConvwrightError, match="expected a number with a unit, as 2GiB"):
        units.parse_bytes(text)
