"""The kept result of `make test-all`."""

import json

import pytest

from reference import full_run, sampling


def test_everything_ran_and_nothing_failed(request):
    if request.config.getoption("keep_result"):
        pytest.skip("is being made anew by this run")
    if not full_run.KEPT.exists():
        pytest.skip("no result is kept yet: run `make test-all`")
    kept = json.loads(full_run.KEPT.read_text(encoding="utf-8"))
    assert kept["counts"]["passed"] > 10_000
    assert [kept["counts"][outcome] for outcome in full_run.FAILURES] == [0, 0]


def test_the_line_says_whether_the_code_is_the_same(tmp_path):
    full_run.keep({"passed": [0] * 3, "skipped": [0]}, 61.4, tmp_path / "kept.json")
    kept = json.loads((tmp_path / "kept.json").read_text(encoding="utf-8"))
    line = full_run.described(kept, kept["fingerprint"])
    assert line == f"make test-all: 3 passed, 1 skipped in 61 s on {kept['date']}, on this code"
    assert full_run.described(kept, "another").endswith("on older code")


def test_the_fingerprint_follows_names_and_bytes(tmp_path):
    def changed(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return full_run.fingerprint(tmp_path)

    found = [
        changed(tmp_path / "src/a.py", "1"),
        changed(tmp_path / "src/a.py", "2"),
        changed(tmp_path / "tests/a.py", "2"),
    ]
    assert len(set(found)) == 3
    assert changed(tmp_path / "src/__pycache__/a.pyc", "3") == found[-1]
    assert changed(tmp_path / "README.md", "3") == found[-1]


def test_a_sample_is_repeatable_and_differs_from_seed_to_seed(monkeypatch):
    names = [f"net{number}" for number in range(80)]

    def drawn(seed):
        monkeypatch.setattr(sampling, "seed", lambda: seed)
        return sampling.sampled(names, 10, always=["net3"])

    assert drawn("a") == drawn("a") != drawn("b")
    assert len(drawn("a")) == 11
    assert "net3" in drawn("a")
    assert drawn("a") == sorted(drawn("a"), key=names.index)
    assert drawn("all") == names
    assert set().union(*(drawn(str(seed)) for seed in range(100))) == set(names)
