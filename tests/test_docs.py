"""The generated pages say what the code says now."""

import importlib.util
import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from convwright.reports.study.page import read_result, study_markdown
from convwright.studies import StudyResult, studies
from reference.outcomes import outcome, transfer_result
from reference.study_results import BASE, UP, arm, plain

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _docs_last(monkeypatch):
    """Scripts of docs/ import each other."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT / "docs")])


def test_generated_pages_are_fresh():
    command = [sys.executable, str(ROOT / "docs/generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr} run `make docs`"


def test_the_floors_are_those_of_the_import_contract():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert f"```\n{_script('rooms_page').floors_text()}```" in text
    assert len(text.splitlines()) <= 120, "two screens; the rest is in docs/"


def test_links_between_pages_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/studies/*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name} links to {link}"


def _script(name):
    """A script of docs/, under a name that no installed package has."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / f"docs/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_kept_result_makes_the_page_of_the_whole_one(tmp_path):
    keep = _script("keep_result")
    whole = plain(arm("max", BASE), arm("up", UP, expected="better"))
    whole["arms"][0]["runs"][0]["record"]["test"] = {"confusion": [[1] * 100] * 100}
    text = keep.as_text(keep.trimmed(whole), "2026-01-02")
    (tmp_path / "report.json").write_text(text)
    kept = read_result(tmp_path)
    assert study_markdown(kept) == study_markdown(StudyResult.from_dict(whole))
    assert keep.trimmed(kept.to_dict()) == kept.to_dict()
    assert len(kept.runs[0].epochs) == 3
    assert "confusion" not in text
    assert text.count("\n{") == len(("data", "max", "up")) + len(BASE) + len(UP)


@pytest.mark.parametrize("number", [0, 1, 30, 31, 164])
def test_of_many_epochs_every_k_th_is_kept_and_the_last(number):
    kept = _script("keep_result")._thinned(list(range(number)))
    assert len(kept) <= 30
    assert kept[-1:] == list(range(number))[-1:]
    assert len({b - a for a, b in pairwise(kept)}) <= 1


def test_every_study_has_a_page_and_every_kept_result_a_study():
    pages = _script("study_pages").study_pages()
    assert pages.keys() == {f"studies/{name}.md" for name in studies()}
    assert {path.stem for path in ROOT.glob("docs/results/*.json")} <= studies().keys()
    assert all(path.stat().st_size < 100_000 for path in ROOT.glob("docs/*/*.png"))


def test_a_page_says_what_is_known(tmp_path, monkeypatch):
    pages = _script("study_pages")
    study, tiny = studies()["pooling"], plain(arm("max", BASE), arm("mixed", UP, expected="better"), study="pooling")
    monkeypatch.setattr(pages, "HERE", tmp_path)
    monkeypatch.setattr(pages, "studies", lambda: {"pooling": study})
    assert "not run yet" in pages.studies_page()
    assert (
        "| gated | mixes each window by its own content | better, against max |"
        in pages.study_pages()["studies/pooling.md"]()
    )
    keep = _script("keep_result")
    for folder in ("results", "studies"):
        (tmp_path / folder).mkdir()
    (tmp_path / "results/pooling.json").write_text(keep.as_text(keep.trimmed(tiny), "2026-01-02"))
    assert "| agrees: mixed (better) | 8 | quick | 2026-01-02 |" in pages.studies_page()
    page = pages.study_pages()["studies/pooling.md"]()
    for words in ("## Measured 2026-01-02", "**mixed is 2.35 points better than max", "(pooling-curves.png)"):
        assert words in page
    names = ["studies/pooling-differences.png", "studies/pooling-curves.png"]
    stale = _script("pictures").stale
    assert list(stale(pages.wanted_pictures(), (), write=False)) == names
    assert list(stale(pages.wanted_pictures(), (), write=True)) == names
    assert list(stale(pages.wanted_pictures(), (), write=False)) == []
    (tmp_path / "results/pooling.json").write_text(keep.as_text(keep.trimmed(tiny), "2026-01-03"))
    assert list(stale(pages.wanted_pictures(), (), write=False)) == names
    assert list(stale({}, (tmp_path / "studies").glob("*.png"), write=True))
    assert not list((tmp_path / "studies").iterdir())


def test_a_kept_transfer_makes_its_section_and_pictures(tmp_path, monkeypatch):
    pages, keep, pictures = (_script(name) for name in ("transfer_page", "keep_transfer", "pictures"))
    monkeypatch.setattr(pages, "KEPT", tmp_path)
    outcomes = [outcome([True] * 9 + [False], seed=seed) for seed in (0, 1)]
    outcomes += [outcome([True] * 5 + [False] * 5, "scratch", seed=seed) for seed in (0, 1)]
    found = json.loads(json.dumps(transfer_result(*outcomes).to_dict()))
    assert "None yet" in pages.transfer_page()
    path = tmp_path / "tiny.json"
    path.write_text(keep.as_text(keep.trimmed(found), "2026-01-02"))
    assert path.read_text().count('"confusion"') == 1
    assert "photos/" not in path.read_text()
    page = pages.transfer_page()
    for words in ("## resnet20 on tiny, 2026-01-02", "### Strategies", "| probe | made up | 90.0 |", "tiny-confusion"):
        assert words in page
    assert list(pictures.stale(pages.wanted_pictures(), (), write=True)) == [f"{tmp_path.name}/tiny-confusion.png"]
    png = (tmp_path / "tiny-confusion.png").read_bytes()
    pictures.keep(tmp_path / "tiny-right.png", png, pictures.digest_of(path))
    pictures.keep(tmp_path / "tiny-mistakes.png", png, "another")
    assert "tiny-right.png" in pages.transfer_page()
    assert "tiny-mistakes.png" not in pages.transfer_page()
