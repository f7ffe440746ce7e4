"""The server: this machine only, a clear word where it cannot start."""

import signal
import socket
import sys

import pytest

from convwright.errors import ConvwrightError
from convwright.studio.web import server


def test_it_listens_on_this_machine_only():
    with server._listen(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_is_said():
    with server._listen(0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(ConvwrightError, match=f"port {port} cannot be used .it is taken.; choose another --port"):
            server._listen(port)
    with socket.socket() as free:
        free.bind(("127.0.0.1", port))  # which is given back


def test_without_nicegui_the_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "nicegui", None)
    with pytest.raises(ConvwrightError, match=r"pip install 'convwright\[studio\]'"):
        server.serve(None, 0, print)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
def test_a_closed_terminal_ends_it_as_sigterm_does():
    told = []
    before = {each: signal.getsignal(each) for each in (signal.SIGHUP, signal.SIGTERM)}
    try:
        signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as under nohup
        server._end_with_the_terminal()
        signal.raise_signal(signal.SIGHUP)
        assert told == []
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        server._end_with_the_terminal()
        signal.raise_signal(signal.SIGHUP)
        assert told == [signal.SIGTERM]
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
