"""Runs are looked for in folders, not behind links, and not in each other."""

from convwright.studio.runs import run_entry as found
from convwright.studio.runs.run_entry import folders


def names(top):
    return {each.relative_to(top).as_posix() for each in folders(top)}


def test_a_run_is_not_looked_into(tmp_path):
    for place in ("a/run.json", "a/b/run.json", "studies/ledger.db", "studies/runs/x/run.json", "c/d/model.json"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    (tmp_path / "run.json").touch()  # the working folder itself has a name for nobody
    (tmp_path / "link").symlink_to(tmp_path / "c")
    assert names(tmp_path) == {"a", "studies", "c/d"}


def test_so_many_folders_are_enough(tmp_path, monkeypatch):
    for number in range(20):
        (tmp_path / f"{number}").mkdir()
        (tmp_path / f"{number}/run.json").touch()
    assert len(names(tmp_path)) == 20
    monkeypatch.setattr(found, "_MOST_FOLDERS", 11)
    assert len(names(tmp_path)) == 10
