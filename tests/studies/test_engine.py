"""What can go wrong with a ledger is said before anything trains, with its name and the next step."""

import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from convwright.errors import ConvwrightError
from convwright.studies import Ledger, engine
from convwright.studies.engine import make_engine, name_of


def test_a_file_is_kept_in_wal_mode(tmp_path):
    path = tmp_path / "deep/er/ledger.db"
    Ledger(path).close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a ledger\n" * 100)
    with pytest.raises(ConvwrightError, match=r"notes.txt: file is not a database; name another file"):
        Ledger(path)
    assert path.read_text().startswith("not a ledger")


def test_a_locked_file(tmp_path, monkeypatch):
    path = tmp_path / "ledger.db"
    Ledger(path).close()
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    holder = sqlite3.connect(path)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(ConvwrightError, match=r"database is locked; another process holds it"):
        Ledger(path)
    holder.close()


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConvwrightError, match=r"cannot be made \(.*\); choose a --ledger or --run"):
        Ledger(tmp_path / "file/ledger.db")


@pytest.fixture
def open_folder():
    """A folder that another user may look into: root may write anything, so it has to be another one who tries."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_file_that_cannot_be_written(open_folder):
    path = open_folder / "ledger.db"
    Ledger(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    path.chmod(0o444)
    code = f"""
import os
from convwright.studies import Ledger
Ledger(":memory:").close()  # imports what the other user may not read
if os.getuid() == 0:
    os.setuid(65534)
try:
    Ledger({str(path)!r})
except ValueError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "readonly" in done.stdout
    assert "choose a --ledger or --run that can be written" in done.stdout


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/none", "is the server running"),
        ("mysql://host/base", "ledger: expected a file, or postgresql://"),
        ("postgresql://host:port/base", "postgresql://user@host/database"),
    ],
)
def test_an_address_that_leads_nowhere(address, said):
    with pytest.raises(ConvwrightError, match=said) as error:
        Ledger(address)
    assert "secret" not in str(error.value)


def test_a_driver_that_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConvwrightError, match=r"psycopg is not installed; pip install 'convwright\[postgres\]'"):
        make_engine("postgresql://host/base")


def test_a_name_has_no_password():
    assert name_of(make_engine("postgresql://me:secret@host/base")) == "postgresql+psycopg://me:***@host/base"
