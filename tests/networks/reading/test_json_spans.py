"""Positions of values in JSON."""

import json

from hypothesis import given
from hypothesis import strategies as st

from convwright.networks.reading.json_spans import after_space, elements, members

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FORMATS = st.sampled_from([{}, {"indent": 1}, {"indent": "\t"}, {"separators": (",", ":")}, {"ensure_ascii": False}])


@given(st.dictionaries(st.text(), VALUES), FORMATS)
def test_members_and_elements_are_where_json_has_them(value, form):
    text = f"\n{json.dumps(value, **form)}"
    found = members(text, after_space(text, 0))
    assert {key: json.loads(text[slice(*span)]) for key, span in found.items()} == value
    listed = json.dumps(list(value.values()), **form)
    assert [json.loads(listed[slice(*span)]) for span in elements(listed, 0)] == list(value.values())


def test_the_last_of_two_members_counts():
    assert members('{"a": 1, "a" : 22 }', 0) == {"a": (15, 17)}
