"""Claims, signs of life, results; on SQLite here and, where its server is installed, on PostgreSQL."""

import sqlite3
import threading
from collections import Counter

import pytest

from convwright.errors import ConvwrightError
from convwright.studies import JobEntry, Ledger
from convwright.studies.ledger import MOST_ATTEMPTS, SCHEMA
from reference.postgres import postgres

__all__ = ["postgres"]  # a fixture


def entry(fingerprint, seed=0):
    return JobEntry(fingerprint=fingerprint, study="s", budget="b", arm="a", seed=seed, num_steps=10)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    return tmp_path / "ledger.db" if request.param == "sqlite" else request.getfixturevalue("postgres")()


@pytest.fixture
def ledger(address):
    with Ledger(address) as opened:
        opened.add([entry("one"), entry("two", 1)])
        yield opened


ALL = ["one", "two", "three"]


def state_of(ledger, fingerprint):
    return next(each for each in ledger.entries([fingerprint])).state


def test_jobs_are_claimed_once_and_in_order(ledger):
    assert [ledger.claim(worker, ALL) for worker in ("a", "b", "c")] == ["one", "two", None]
    assert [(each.state, each.worker) for each in ledger.entries()] == [("claimed", "a"), ("claimed", "b")]


def test_only_jobs_of_the_plan_are_claimed(ledger):
    assert ledger.claim("a", ["two"]) == "two"
    assert ledger.claim("a", ["three"]) is None


def test_a_result_is_kept(ledger):
    ledger.claim("a", ALL)
    assert ledger.finish("a", "one", {"values": {"x": 0.5, "y": float("inf")}}, value=0.5)
    assert ledger.results(ALL) == {"one": {"values": {"x": 0.5, "y": float("inf")}}}
    done = ledger.entries(["one"])[0]
    assert (done.state, done.step, done.value, done.is_open) == ("done", 10, 0.5, False)
    assert ledger.claim("b", ["one"]) is None


def test_jobs_that_are_known_are_not_added_again(ledger):
    ledger.claim("a", ALL)
    ledger.finish("a", "one", {}, value=1.0)
    ledger.add([entry("one"), entry("three")])
    assert [each.state for each in ledger.entries()] == ["done", "queued", "queued"]


def test_a_failure_is_told_and_tried_again_when_asked_for(ledger):
    ledger.claim("a", ALL)
    assert ledger.fail("a", "one", "too hot")
    assert (ledger.entries(["one"])[0].error, ledger.claim("b", ["one"])) == ("too hot", None)
    ledger.add([entry("one")])
    assert ledger.claim("b", ["one"]) == "one"
    assert ledger.entries(["one"])[0].error is None


def test_a_worker_without_signs_of_life_loses_its_job(address):
    with Ledger(address, stale_seconds=60) as patient, Ledger(address, stale_seconds=-1) as hasty:
        patient.add([entry("one")])
        assert patient.claim("a", ALL) == "one"
        assert patient.beat("a", "one", 4)
        assert patient.entries()[0].step == 4
        assert patient.claim("b", ALL) is None
        assert hasty.claim("b", ALL) == "one"
        assert not patient.beat("a", "one", 5)
        assert not patient.finish("a", "one", {"from": "a"}, value=0.0)
        assert not patient.fail("a", "one", "late")
        assert patient.finish("b", "one", {"from": "b"}, value=0.0)
        assert patient.results(ALL) == {"one": {"from": "b"}}


def test_a_job_whose_workers_die_is_given_up(address):
    with Ledger(address, stale_seconds=-1) as ledger:
        ledger.add([entry("one")])
        claims = [ledger.claim(f"worker {number}", ALL) for number in range(MOST_ATTEMPTS + 1)]
        assert claims == ["one"] * MOST_ATTEMPTS + [None]
        assert "died 3 times" in ledger.entries()[0].error


def test_what_is_given_back_counts_for_nothing(ledger):
    for _ in range(MOST_ATTEMPTS + 1):
        assert ledger.claim("a", ["one"]) == "one"
        ledger.release("a")
    assert ledger.entries(["one"])[0].attempts == 0


def test_a_worker_known_to_be_gone_is_not_waited_for(ledger):
    ledger.claim("a", ["one"])
    ledger.claim("b", ["two"])
    ledger.bury("a")
    assert ledger.claim("c", ALL) == "one"
    assert state_of(ledger, "two") == "claimed"


def test_many_claim_at_once_and_none_twice(address):
    names = [f"job {number:03}" for number in range(60)]
    got = Counter()

    def work(worker):
        with Ledger(address) as ledger:
            while fingerprint := ledger.claim(worker, names):
                got[fingerprint] += 1

    with Ledger(address) as ledger:
        ledger.add([entry(name) for name in names])
    threads = [threading.Thread(target=work, args=(f"worker {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == Counter(names)


def test_a_ledger_can_be_opened_by_many_at_once(address):
    opened = []

    def work():
        with Ledger(address) as ledger:
            ledger.add([entry("one")])
            opened.append(len(ledger.entries()))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [1] * 6


def test_a_ledger_waits_for_one_who_makes_it_at_this_moment(tmp_path):
    path = tmp_path / "ledger.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.05, lambda: other.execute("COMMIT")).start()
    with Ledger(path) as ledger:
        assert ledger.entries() == []
    other.close()


@pytest.mark.parametrize(("found", "word"), [(SCHEMA + 1, "a newer"), (SCHEMA - 1, "an older")])
def test_another_schema_is_refused_and_left_alone(tmp_path, found, word):
    path = tmp_path / "ledger.db"
    Ledger(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE convwright_ledger SET schema_version = ?", [found])
    connection.close()
    with pytest.raises(ConvwrightError, match=f"is of {word} convwright: expected schema {SCHEMA}, got schema {found}"):
        Ledger(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT schema_version FROM convwright_ledger").fetchall() == [(found,)]
    connection.close()


def test_a_full_disk_loses_no_finished_run(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        ledger.add([entry("one"), entry("two")])
        ledger.claim("a", ALL)
        ledger.finish("a", "one", {"kept": True}, value=0.5)
        ledger.claim("a", ALL)
        with ledger._engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")  # of this one pooled connection
        with pytest.raises(ConvwrightError, match=r"disk is full; free space and run again"):
            ledger.finish("a", "two", {"large": "x" * 100_000}, value=0.5)
    with Ledger(path) as ledger:
        assert ledger.results(ALL) == {"one": {"kept": True}}
        assert state_of(ledger, "two") == "claimed"


def test_one_that_is_only_read_is_left_as_it_is(tmp_path):
    path = tmp_path / "ledger.db"
    path.touch()
    with pytest.raises(ConvwrightError, match="holds no ledger"):
        Ledger(path, only_reads=True)
    assert path.read_bytes() == b""
    with Ledger(path) as ledger:
        ledger.add([JobEntry(fingerprint="f", study="s", budget="b", arm="a", seed=0, num_steps=1)])
        ledger.claim("me", ["f"])
    before = path.read_bytes()
    with Ledger(path, only_reads=True) as ledger:
        assert [entry.is_alive for entry in ledger.entries()] == [True]
    with Ledger(path, only_reads=True, stale_seconds=-1) as ledger:
        assert [entry.is_alive for entry in ledger.entries()] == [False]
    assert path.read_bytes() == before
