"""Defaults of command lines."""

import argparse
import ast

from convwright.networks.evidence.parsed_arguments import default_namespace
from convwright.networks.evidence.source_file import SourceFile

TEXT = """
parser.add_argument("--a", default=3)
parser.add_argument("--b", default=unknown)
parser.add_argument("--c", nargs="?")
parser.add_argument("d", nargs="*")
parser.add_argument("--e", required=True)
parser.set_defaults(f=1, a=4)
"""


def test_the_namespace_is_that_of_a_command_line_without_arguments(tmp_path):
    source = SourceFile(tmp_path / "a.py", TEXT)

    def evaluate(node):
        try:
            return ast.literal_eval(node)
        except ValueError:
            raise LookupError(node) from None

    parsed = default_namespace(source, source.calls, evaluate)
    assert vars(parsed) == {"a": 4, "c": None, "d": None, "f": 1}
    assert parsed.places["c"] == f"{tmp_path}/a.py:4"
    assert parsed == argparse.Namespace(a=4, c=None, d=None, f=1)
