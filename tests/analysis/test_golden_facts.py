"""The facts of published networks are those that are checked in; `benchmarks/golden.py` compares all of them."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from reference.sampling import sampled

pytestmark = pytest.mark.filterwarnings("ignore")  # deprecations of model libraries are theirs

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "golden.py"
SPEC = importlib.util.spec_from_file_location("golden", SCRIPT)
assert SPEC is not None
assert SPEC.loader is not None
golden: Any = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(golden)
KNOWN = golden.read()
SMALL = [name for name, facts in KNOWN["networks"].items() if facts["ops"] < 200]


def test_the_file_is_whole() -> None:
    assert len(KNOWN["networks"]) == KNOWN["names"] > 200
    assert set(golden.model_names()) <= set(KNOWN["networks"])


@pytest.mark.skipif(KNOWN["versions"] != golden.versions(), reason="the file is of other versions")
@pytest.mark.parametrize("name", sampled(SMALL, 8))
def test_nothing_changed(name: str) -> None:
    assert list(golden.differences(name, KNOWN["networks"][name], golden.facts_of(name))) == []


def test_a_change_is_named() -> None:
    before, after = {"macs": 1, "field": [3]}, {"macs": 2, "field": (3,)}
    assert list(golden.differences("net", before, after)) == ["net: macs was 1, is 2"]
