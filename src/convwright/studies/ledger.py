"""The ledger: a table of jobs that any number of processes, on any number of machines, work off together.

A job is claimed by one statement, which no two workers can both win. Its worker then gives signs of life; one that
gives none for a while is taken for dead, and its job is claimed again.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ..errors import ConvwrightError
from ..extras import needs_extra
from .engine import explained, is_prepared, make_engine, name_of

with needs_extra("study"):
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql, sqlite

SCHEMA = 1  # of the tables; raised when they change
STALE_SECONDS = 60.0  # without a sign of life, after which a worker counts as dead
MOST_ATTEMPTS = 3  # of a job whose workers die

QUEUED, CLAIMED, DONE, FAILED = "queued", "claimed", "done", "failed"

_TABLES = sa.MetaData()
_ABOUT = sa.Table("convwright_ledger", _TABLES, sa.Column("schema_version", sa.Integer, primary_key=True))
_JOBS = sa.Table(
    "convwright_jobs",
    _TABLES,
    sa.Column("fingerprint", sa.String(64), primary_key=True),
    sa.Column("study", sa.Text, nullable=False),
    sa.Column("budget", sa.Text, nullable=False),
    sa.Column("arm", sa.Text, nullable=False),
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),  # in the order of its plan
    sa.Column("num_steps", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(8), nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("worker", sa.Text),
    sa.Column("heartbeat", sa.Double),
    sa.Column("step", sa.BigInteger, nullable=False, default=0),
    sa.Column("error", sa.Text),
    sa.Column("value", sa.Double),  # of the study's metric
    sa.Column("result", sa.Text),  # JSON as text: a value may be NaN
)
_SHOWN = [column for column in _JOBS.columns if column.name not in ("result", "heartbeat", "place")]
_GIVEN = ("fingerprint", "study", "budget", "arm", "seed", "num_steps")  # of an entry that is added
_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_LOCK = 0x636F6E76  # any number that others are unlikely to take, for pg_advisory_xact_lock


@dataclass(frozen=True, kw_only=True)
class JobEntry:
    """Entry of a job in the ledger.

    Attributes
    ----------
    fingerprint, study, budget, arm, seed
        Identify the run.
    num_steps, step : int
        Steps of the training, and how many are done.
    state : {"queued", "claimed", "done", "failed"}
        Queued until a worker claims it.
    attempts : int
        Number of times it was claimed and not given back.
    worker : str or None
        Worker that has it, or had it last.
    error : str or None
        Why it failed.
    value : float or None
        Value of the study's metric, once it is done.
    is_alive : bool
        True if its worker has given a sign of life within `stale_seconds`.
    """

    fingerprint: str
    study: str
    budget: str
    arm: str
    seed: int
    num_steps: int
    step: int = 0
    state: str = QUEUED
    attempts: int = 0
    worker: str | None = None
    error: str | None = None
    value: float | None = None
    is_alive: bool = False

    @property
    def is_open(self) -> bool:
        """True if the job is queued or being worked on."""
        return self.state in (QUEUED, CLAIMED)


class Ledger:
    """A table of jobs, opened; made where there is none.

    Parameters
    ----------
    ledger : str or Path
        A file of SQLite, or `postgresql://user@host/database`.
    stale_seconds : float
        Time without a sign of life after which a worker counts as dead.
    only_reads : bool
        Leave what is there as it is: no ledger is made, or tried to be written.

    Raises
    ------
    ConvwrightError
        When it cannot be opened and written, or is of another schema; when there is none, and it is only read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Ledger(f"{folder}/ledger.db") as ledger:
    ...     ledger.add([JobEntry(fingerprint="f", study="s", budget="b", arm="a", seed=0, num_steps=9)])
    ...     claimed = ledger.claim("me", ["f"])
    ...     ledger.finish("me", "f", {"test_accuracy": 0.5}, value=0.5)
    ...     claimed, ledger.claim("me", ["f"]), ledger.results(["f"])
    True
    ('f', None, {'f': {'test_accuracy': 0.5}})
    """

    def __init__(self, ledger: str | Path, *, stale_seconds: float = STALE_SECONDS, only_reads: bool = False) -> None:
        self.stale_seconds = stale_seconds
        self._engine = make_engine(ledger)
        self.name = name_of(self._engine)
        self.is_file = self._engine.dialect.name == "sqlite"
        if only_reads:
            self._find(Path(self._engine.url.database or ""))
            return
        with self._writing() as connection:
            if not self.is_file:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            self._check_schema(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def add(self, entries: Sequence[JobEntry]) -> None:
        """Queue the jobs that are new, and those that failed before; leave the others alone."""
        rows = [
            {name: getattr(each, name) for name in _GIVEN} | {"place": place, "state": QUEUED}
            for place, each in enumerate(entries)
        ]
        insert = _INSERTS[self._engine.dialect.name](_JOBS).on_conflict_do_nothing()
        failed = _among([row["fingerprint"] for row in rows]) & (_JOBS.c.state == FAILED)
        with self._writing() as connection:
            connection.execute(insert, rows)
            connection.execute(sa.update(_JOBS).where(failed).values(state=QUEUED, attempts=0, error=None))

    def claim(self, worker: str, fingerprints: Sequence[str]) -> str | None:
        """Take the next job that is queued, or whose worker is dead; None when there is none for now."""
        with self._writing() as connection:
            dead = (_JOBS.c.state == CLAIMED) & (_JOBS.c.heartbeat < self._now() - self.stale_seconds)
            ours = _among(fingerprints)
            hopeless = ours & dead & (_JOBS.c.attempts >= MOST_ATTEMPTS)
            lost = f"its worker died {MOST_ATTEMPTS} times: out of memory?"
            connection.execute(sa.update(_JOBS).where(hopeless).values(state=FAILED, error=lost))
            free = sa.select(_JOBS.c.fingerprint).where(ours & ((_JOBS.c.state == QUEUED) | dead))
            first = free.order_by(_JOBS.c.place).limit(1).with_for_update(skip_locked=True).scalar_subquery()
            values = {"state": CLAIMED, "worker": worker, "heartbeat": self._now()}
            change = sa.update(_JOBS).where(_JOBS.c.fingerprint == first)
            change = change.values(attempts=_JOBS.c.attempts + 1, **values)
            return connection.execute(change.returning(_JOBS.c.fingerprint)).scalar()

    def beat(self, worker: str, fingerprint: str, step: int) -> bool:
        """Give a sign of life; false when the job is no longer this worker's."""
        return self._change(worker, fingerprint, heartbeat=self._now(), step=step)

    def finish(self, worker: str, fingerprint: str, result: dict[str, Any], *, value: float) -> bool:
        """Keep the result of a job; false, and nothing is changed, when it is no longer this worker's."""
        kept = {"result": json.dumps(result), "value": value, "step": _JOBS.c.num_steps, "error": None}
        return self._change(worker, fingerprint, state=DONE, **kept)

    def fail(self, worker: str, fingerprint: str, error: str) -> bool:
        """Say why a job came to no result."""
        return self._change(worker, fingerprint, state=FAILED, error=error)

    def release(self, worker: str) -> None:
        """Give back what a worker has: it stopped because it was told to."""
        with self._writing() as connection:
            theirs = (_JOBS.c.worker == worker) & (_JOBS.c.state == CLAIMED)
            values = {"state": QUEUED, "worker": None, "attempts": _JOBS.c.attempts - 1}
            connection.execute(sa.update(_JOBS).where(theirs).values(values))

    def bury(self, worker: str) -> None:
        """Let go at once of what a worker has whose process is known to be gone."""
        with self._writing() as connection:
            theirs = (_JOBS.c.worker == worker) & (_JOBS.c.state == CLAIMED)
            connection.execute(sa.update(_JOBS).where(theirs).values(heartbeat=0))

    def entries(self, fingerprints: Sequence[str] | None = None) -> list[JobEntry]:
        """The jobs, all or some, in the order of their plans."""
        alive = (_JOBS.c.state == CLAIMED) & (_JOBS.c.heartbeat >= self._now() - self.stale_seconds)
        wanted = sa.select(*_SHOWN, alive.label("is_alive")).order_by(_JOBS.c.study, _JOBS.c.budget, _JOBS.c.place)
        with self._reading() as connection:
            rows = connection.execute(wanted if fingerprints is None else wanted.where(_among(fingerprints)))
            return [JobEntry(**{**row, "is_alive": bool(row["is_alive"])}) for row in rows.mappings()]

    def results(self, fingerprints: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return the results of the finished jobs, by fingerprint."""
        wanted = sa.select(_JOBS.c.fingerprint, _JOBS.c.result).where(_among(fingerprints), _JOBS.c.state == DONE)
        with self._reading() as connection:
            return {fingerprint: json.loads(result) for fingerprint, result in connection.execute(wanted)}

    def _change(self, worker: str, fingerprint: str, **values: Any) -> bool:
        own = (_JOBS.c.fingerprint == fingerprint) & (_JOBS.c.worker == worker) & (_JOBS.c.state == CLAIMED)
        with self._writing() as connection:
            return connection.execute(sa.update(_JOBS).where(own).values(values)).rowcount == 1

    def _now(self) -> Any:
        """Seconds since 1970, by one clock for all machines: the server's."""
        return time.time() if self.is_file else sa.func.extract("epoch", sa.func.clock_timestamp())

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with explained(self._engine), self._engine.begin() as connection:
            if self.is_file:
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # wait for the turn to write before reading anything
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with explained(self._engine), self._engine.connect() as connection:
            yield connection

    def _find(self, path: Path) -> None:
        if self.is_file and not is_prepared(path):
            raise ConvwrightError(f"{self.name} holds no ledger")
        with self._reading() as connection:
            if not sa.inspect(connection).has_table(_ABOUT.name):
                raise ConvwrightError(f"{self.name} holds no ledger")
            self._require_schema(connection)

    def _check_schema(self, connection: sa.Connection) -> None:
        if not sa.inspect(connection).has_table(_ABOUT.name):
            _TABLES.create_all(connection)
            connection.execute(sa.insert(_ABOUT).values(schema_version=SCHEMA))
        self._require_schema(connection)
        # Written, so that a disk on which nothing can be kept is found out before anything trains.
        connection.execute(sa.update(_ABOUT).values(schema_version=SCHEMA))

    def _require_schema(self, connection: sa.Connection) -> None:
        found = connection.execute(sa.select(_ABOUT.c.schema_version)).scalar_one()
        if found != SCHEMA:
            raise ConvwrightError(
                f"ledger {self.name} is of {'a newer' if found > SCHEMA else 'an older'} convwright",
                expected=f"schema {SCHEMA}",
                got=f"schema {found}",
                hint="name another --ledger, or use the version that wrote it",
            )


def _among(fingerprints: Sequence[str]) -> sa.ColumnElement[bool]:
    return _JOBS.c.fingerprint.in_(list(fingerprints))
