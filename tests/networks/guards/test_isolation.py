"""Nothing is reached for while a network is built or traced, and all is as before afterwards."""

import socket
import subprocess
import sys
import threading

import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.networks.guards.guard import NetworkGuard
from convwright.networks.guards.isolation import active_guard, isolated


def functions():
    return [each.__code__ for each in (torch.load, torch.hub.load_state_dict_from_url, nn.Module.load_state_dict)]


def test_all_is_as_before_afterwards():
    before, finders = functions(), list(sys.meta_path)
    with isolated(outer := NetworkGuard()):
        with pytest.raises(ConvwrightError), isolated(NetworkGuard(), is_tracing=True):
            socket.create_connection(("example.com", 80))
        assert active_guard() is outer
        assert functions() != before
    assert active_guard() is None
    assert (functions(), list(sys.meta_path)) == (before, finders)


@pytest.mark.parametrize(
    "connect",
    [
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.getaddrinfo("example.com", 80),
        lambda: socket.gethostbyname("example.com"),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"a", ("192.0.2.1", 80)),
        lambda: __import__("urllib.request").request.urlopen("https://example.com"),
        lambda: subprocess.run(["true"], check=True),
        lambda: __import__("os").system("true"),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_ways_out_are_closed_at_once(connect):
    with isolated(NetworkGuard()), pytest.raises(ConvwrightError, match=r"test_isolation.py:\d+ needs .*--import"):
        connect()


def test_what_stays_on_this_machine_is_let_through(tmp_path):
    with isolated(NetworkGuard()), socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        client.connect(str(tmp_path / "socket"))
    assert subprocess.run(["true"], check=True).returncode == 0


def test_threads_of_others_are_not_isolated_and_own_threads_are(tmp_path):
    torch.save({"a": 1}, tmp_path / "a.pth")
    found, go, done = {}, threading.Event(), threading.Event()

    def load(name):
        found[name] = torch.load(tmp_path / "a.pth")

    def other():
        go.wait(10)
        load("other")
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with isolated(NetworkGuard()):
        go.set()
        assert done.wait(10)
        own = threading.Thread(target=load, args=("own",))
        own.start()
        own.join()
    thread.join()
    assert found == {"other": {"a": 1}, "own": {}}
