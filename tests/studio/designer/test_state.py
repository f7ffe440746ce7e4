"""All that is open is in the address."""

from urllib.parse import parse_qsl

import pytest

from convwright.errors import ConvwrightError
from convwright.studio.designer.state import DesignerState, address_of_state, read_state
from convwright.studio.shared.workbench import Workbench


@pytest.fixture(scope="module")
def bench():
    return Workbench("resnet20")


def query(address):
    return dict(parse_qsl(address.removeprefix("?"), keep_blank_values=True))


def test_an_address_opens_the_same(bench):
    pinned = bench.design({"model": "efficientnet_b0", "table": "1, 16, 1, 3, 1; 6, 24, 2, 3, 2", "lite": "yes"})
    design = bench.design({"width": "0.5"})
    opened = DesignerState(
        design=design, pinned=pinned, layer="stages.stage1", picture="rocket", fix="0 CW503 a.b c&d=é"
    )
    assert read_state(bench, query(address_of_state(bench, opened))) == opened


def test_what_is_as_it_is_at_first_is_not_in_the_address(bench):
    assert address_of_state(bench, read_state(bench, {})) == "?model=resnet20"


@pytest.mark.parametrize("texts", [{"with": "model=os:system"}, {"with": "stam=1"}, {"with": "?"}, {"layers": "stem"}])
def test_what_may_not_be_opened_is_refused(bench, texts):
    with pytest.raises(ConvwrightError, match="unknown"):
        read_state(bench, texts)
