"""What a ledger is asked for has to be in it."""

import pytest

from convwright.cli._study_report import finished_result, open_ledger
from convwright.errors import ConvwrightError
from convwright.studies import Ledger, make_plan
from reference.tiny_study import STUDY


def test_a_ledger_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(ConvwrightError, match="there is no ledger"), open_ledger(None, tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_study_without_a_finished_run_says_how_to_run_it(tmp_path):
    plan = make_plan(STUDY, budget="smoke")
    with (
        Ledger(tmp_path / "ledger.db") as ledger,
        pytest.raises(ConvwrightError, match="no finished run of tiny at smoke as asked; convwright study run tiny"),
    ):
        finished_result(plan, ledger)
