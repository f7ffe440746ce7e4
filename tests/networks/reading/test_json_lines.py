"""Text in JSON, rewritten line by line."""

import json

import pytest

from convwright.networks.reading.json_lines import JsonLines
from convwright.networks.reading.json_spans import JsonSpan


def lines(document):
    return JsonLines(document, JsonSpan(0, len(document)))


@pytest.mark.parametrize(
    ("document", "text", "expected"),
    [
        (r'["a\n", "b"]', "a\nc", r'["a\n", "c"]'),
        (r'["a\n", "b"]', "a\nb\nc", r'["a\n", "b\n", "c"]'),
        (r'["a\n", "b"]', "b", r'["b"]'),
        (r'["a\n", "b"]', "", "[]"),
        (
            '[\n  "\\u0061\\n",\n  "b\\n",\n  "c"\n ]',
            "a\nb\nx\nc",
            '[\n  "\\u0061\\n",\n  "b\\n",\n  "x\\n",\n  "c"\n ]',
        ),
        ('[\n  "a"\n ]', "a\nb", '[\n  "a\\n",\n  "b"\n ]'),
        ('["a"]', "a\nb", '["a\\n", "b"]'),
        ("[]", "a\nb", '["a\\n", "b"]'),
        ('["a", "b\\nc\\n"]', "ab\nd\n", '["ab\\n", "d\\n"]'),  # strings that are no lines
        ('["a\\nb\\n", "c\\n"]', "a\nb\nd\n", '["a\\nb\\n", "d\\n"]'),
        (r'"\u0061\u000ab\\n\n\/"', "a\nc\\n\n/", r'"\u0061\u000ac\\n\n\/"'),
        ('""', "a\n", '"a\\n"'),
        (r'"é\n"', "é\nü", r'"é\nü"'),
        (r'"\u00e9\n"', "é\nü", r'"\u00e9\n\u00fc"'),
        (r'"a\\u00e9\n"', "ü", '"ü"'),  # the backslash is a character of the text
    ],
)
def test_lines_that_stay_keep_their_bytes(document, text, expected):
    new = lines(document).rewritten(text)
    assert new == expected
    assert "".join(json.loads(new)) == text


def test_an_empty_list_is_written_like_another():
    assert lines("[]").rewritten("a\nb", lines('[\n "x\\n",\n "y"\n]')) == '[\n "a\\n",\n "b"\n]'


def test_positions_are_those_of_the_string():
    assert [lines('[ "a\\n", "b"]').position(n) for n in (1, 2, 3)] == [2, 9, 0]
    assert [lines('"a\\nb"').position(n) for n in (1, 2)] == [1, 4]


@pytest.mark.parametrize("document", ["null", "12", '["a", 3]', "{}"])
def test_other_values_are_refused(document):
    with pytest.raises(TypeError):
        lines(document)
