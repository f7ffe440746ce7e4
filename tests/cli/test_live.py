"""Where progress is shown."""

import io
import logging
from contextlib import nullcontext

from rich.console import Console

from convwright.cli._live import live_or_plain


def test_a_terminal_gets_what_lives_and_a_file_lines():
    for is_terminal, expected in ((True, "live"), (False, "plain")):
        console = Console(file=io.StringIO(), force_terminal=is_terminal)
        entered = []

        class Live(nullcontext):
            def __enter__(self, entered=entered):
                entered.append(True)

        with live_or_plain(console, Live(), in_terminal="live", elsewhere="plain") as watch:
            assert watch == expected
        assert bool(entered) == is_terminal


def test_what_fabric_tells_of_each_precision_is_left_out():
    logging.getLogger("lightning_fabric").setLevel(logging.INFO)
    with live_or_plain(Console(file=io.StringIO()), nullcontext(), in_terminal=1, elsewhere=2):
        assert logging.getLogger("lightning_fabric").level == logging.WARNING
