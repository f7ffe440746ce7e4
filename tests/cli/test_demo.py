"""`convwright demo`: runs, offline, and shows what it says."""

import socket

from typer.testing import CliRunner

from convwright.cli.main import app


def test_the_demo_runs_without_a_network(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("the demo asked for a network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    result = CliRunner().invoke(app, ["demo"], catch_exceptions=False)
    assert result.exit_code == 0
    for part in ("32 -> 32 -> 16 -> 16 -> 8 -> 8 -> 4", "73,984", "138 M", "espresso"):
        assert part in result.output
