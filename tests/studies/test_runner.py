"""From a study to its result, and what is refused before anything trains."""

import pytest

from convwright.errors import ConvwrightError
from convwright.studies import Ledger, run_study, worker
from reference.postgres import postgres
from reference.tiny_study import STUDY, arm, with_arm

__all__ = ["postgres"]  # a fixture


def test_a_study_is_run_and_watched(tmp_path):
    seen = []
    found = run_study(STUDY, budget="smoke", folder=tmp_path, device="cpu", watch=seen.append)
    assert [len(each.runs) for each in found.arms] == [2, 2]
    assert {entry.state for entry in seen[-1]} == {"done"}
    assert all(entry.value is not None for entry in seen[-1])


def test_the_ledger_may_be_elsewhere(tmp_path):
    run_study(STUDY, budget="smoke", seeds=1, folder=tmp_path / "runs", ledger=tmp_path / "own.db", device="cpu")
    with Ledger(tmp_path / "own.db") as ledger:
        assert [entry.state for entry in ledger.entries()] == ["done", "done"]
    assert not (tmp_path / "runs/ledger.db").exists()


def test_a_server_may_keep_the_ledger(tmp_path, postgres):
    address = postgres()
    found = run_study(STUDY, budget="smoke", folder=tmp_path / "here", ledger=address, device="cpu")
    elsewhere = run_study(STUDY, budget="smoke", folder=tmp_path / "there", ledger=address, device="cpu")
    assert found.to_dict() == elsewhere.to_dict()
    assert [len(each.runs) for each in found.arms] == [2, 2]
    assert not (tmp_path / "there/runs").exists()


@pytest.mark.parametrize(
    ("study", "asked", "said"),
    [
        (with_arm(STUDY, arm("wide", width=16)), {}, "macs of arm 'wide'"),
        (with_arm(STUDY, arm("odd", depth=3)), {}, "arm 'odd' does not build"),
        (STUDY, {"budget": "huge"}, "unknown budget of tiny 'huge'"),
        (STUDY, {"seeds": 0}, "seeds"),
        (STUDY, {"workers": 0}, "workers"),
        (STUDY, {"ledger": "/proc/none/ledger.db"}, "choose a --ledger"),
        (STUDY, {"folder": "/proc/none"}, "choose another --run"),
    ],
)
def test_nothing_trains_where_something_is_wrong(tmp_path, monkeypatch, study, asked, said):
    monkeypatch.setattr(worker, "train", None)
    if "folder" in asked:
        asked = {**asked, "folder": type(tmp_path)(asked["folder"])}
    with pytest.raises(ConvwrightError, match=said):
        run_study(study, **{"budget": "smoke", "folder": tmp_path, **asked})
    assert not (tmp_path / "runs").exists()
