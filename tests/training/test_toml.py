"""The small writer of TOML: whatever it writes, tomllib reads as it was."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convwright.training.toml import dumps

keys = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
plain = st.one_of(
    st.text(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
values = st.one_of(plain, st.lists(plain, max_size=3))


@given(st.dictionaries(keys, st.one_of(values, st.dictionaries(keys, values, max_size=3)), max_size=5))
def test_it_is_read_as_it_was(document):
    assert tomllib.loads(dumps(document)) == document


def test_what_is_none_is_left_out_and_the_unknown_refused():
    assert dumps({"a": None, "b": 1}) == "b = 1\n"
    with pytest.raises(TypeError, match="no TOML for object"):
        dumps({"a": object()})
