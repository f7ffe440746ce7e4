"""A PostgreSQL server of the tests' own: on loopback, in a temporary folder, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest

USER = "convwright"


def binaries():
    """The folder of the server's programs, where Debian and others put it; None when it is not installed."""
    found = [Path(shutil.which("initdb") or "").resolve().parent, *sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    return next((folder for folder in reversed(found) if (folder / "initdb").is_file()), None)


def demoted():
    """The server refuses to be root's: what makes a process another user's."""
    return {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}


@contextmanager
def server(programs):
    """The port of a running server."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has at most 107 characters
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **demoted()}
    if demoted():
        os.chown(folder, 65534, 65534)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    control = [programs / "pg_ctl", "-D", folder / "data", "-w"]
    try:
        initialize = [programs / "initdb", "-D", folder / "data", "-U", USER, "--auth=trust", "--no-sync"]
        subprocess.run(initialize, check=True, **quiet)
        subprocess.run([*control, "-o", settings, "-l", folder / "log", "start"], check=True, **quiet)
        yield port
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, **quiet)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def postgres():
    """Makes an empty database and gives its address."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    psycopg = pytest.importorskip("psycopg")
    with server(programs) as port:

        def empty_database():
            name = f"test_{uuid.uuid4().hex}"
            address = f"postgresql://{USER}@127.0.0.1:{port}"
            with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            return f"{address}/{name}"

        yield empty_database
