"""JSON that every reader accepts."""

import json

from convwright.reports.to_json import as_json

FACTS = {"nothing": float("nan"), "all": [float("inf"), 1.5], "name": "größe", "deep": {"pair": (1, 2)}}


def test_what_json_cannot_hold_is_null():
    text = as_json(FACTS)
    read = json.loads(text, parse_constant=lambda name: (_ for _ in ()).throw(ValueError(name)))
    assert read == {"nothing": None, "all": [None, 1.5], "name": "größe", "deep": {"pair": [1, 2]}}
    assert text.endswith("}\n")
    assert "größe" in text
