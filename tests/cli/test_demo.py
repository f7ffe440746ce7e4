"""`convwright demo`: runs, offline, and shows what it says."""

import socket
from pathlib import Path

from typer.testing import CliRunner

from convwright.cli import demo
from convwright.cli.main import app


def test_the_demo_runs_without_a_network(monkeypatch, tmp_path):
    def refuse(*_args, **_kwargs):
        raise AssertionError("the demo asked for a network")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "BUDGET", "smoke")
    monkeypatch.setattr(demo, "CHANGES", ())
    monkeypatch.setattr(demo, "SEEDS", 2)
    monkeypatch.setattr(demo, "WORKERS", 1)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    result = CliRunner().invoke(app, ["demo"], catch_exceptions=False)
    assert result.exit_code == 0
    parts = ("32 -> 32 -> 16 -> 16 -> 8 -> 8 -> 4", "73,984", "138 M", "espresso", "CW601", "+        return x")
    for part in (*parts, "Too few seeds to tell: strided less max is", "Done in"):
        assert part in result.output
    assert "kernel_size=5, padding=2, bias=False" in Path("convwright-demo/net.py").read_text()
    page = Path(result.output.splitlines()[-1])
    assert page.name == "report.html"
    assert "Designs" in page.read_text()
