"""Ray: two machines, each a tree of processes, of which one is killed; what a connection asks; what is refused."""

import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from convwright.errors import ConvwrightError
from convwright.studies import Ledger, make_plan, ray_pool, run_plan, run_study, worker
from convwright.studies.worker import StudyWork, run_folder
from reference.tiny_study import SLOW, STUDY, Slow

STALE_SECONDS = 600.0  # nobody counts as dead before that: who is lost has to be told


@pytest.fixture
def cluster():
    """Two machines of one core each, without what only people need; this process is connected to the first."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    folder = tempfile.mkdtemp(prefix="ray-")  # short: a socket's path has at most 107 characters
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_TMPDIR", folder)
        patch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
        made = Cluster()
        try:
            made.add_node(num_cpus=1, include_dashboard=False, include_log_monitor=False, no_monitor=True)
            made.add_node(num_cpus=1)
            with ray_pool._connected(ray, made.address):
                yield made
        finally:
            made.shutdown()
            shutil.rmtree(folder)
    assert not ray.is_initialized()


class Disturbance:
    """Watches a study, and does something once, when two jobs are so many steps further than they were."""

    def __init__(self, act, before=None):
        self.act, self.before, self.at, self.steps = act, before or {}, None, {}

    def __call__(self, entries):
        steps = {each.fingerprint: each.step for each in entries if each.state == "claimed"}
        if self.at is None and sum(step > self.before.get(name, 0) + 4 for name, step in steps.items()) == 2:
            self.at, self.steps = time.time(), steps
            self.act()


def numbers(found):
    """What training gives, without its times."""
    return [
        [run.values, run.record["test"], [epoch["train_loss"] for epoch in run.record["epochs"]]]
        for arm in found.arms
        for run in arm.runs
    ]


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")  # Ray's files
def test_a_study_outlives_ctrl_c_and_a_lost_machine(cluster, tmp_path, monkeypatch):
    arms = (SLOW.arms[0], replace(SLOW.arms[0], name="slow-too"), SLOW.arms[1])
    plan = make_plan(replace(SLOW, arms=arms), budget="smoke", seeds=1)

    def run(watch):
        asked = {"device": "cpu", "stale_seconds": STALE_SECONDS, "watch": watch}
        return run_plan(plan, folder=tmp_path / "ray", ray=cluster.address, **asked)

    pressed = Disturbance(lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        run(pressed)
    with Ledger(tmp_path / "ray/ledger.db") as ledger:
        assert {(each.state, each.attempts) for each in ledger.entries()} == {("queued", 0)}
    assert len(list(tmp_path.glob("ray/runs/slow/*/checkpoints"))) == 2

    machine = next(iter(cluster.worker_nodes))
    killed = Disturbance(lambda: cluster.remove_node(machine, allow_graceful=False), pressed.steps)
    found = run(killed)
    assert killed.at is not None
    with Ledger(tmp_path / "ray/ledger.db") as ledger:
        entries = ledger.entries()
    assert [each.state for each in entries] == ["done"] * 3
    assert sorted(each.attempts for each in entries) == [1, 1, 2]
    for each in entries:
        begun = run_folder(tmp_path / "ray", plan, plan.job(each.fingerprint)) / "recipe.toml"
        if each.arm != "max":  # written by who begins a run, not by who goes on with it
            assert begun.stat().st_mtime < pressed.at
    monkeypatch.setattr(Slow, "forward", lambda _self, x: x)
    assert numbers(found) == numbers(run_plan(plan, folder=tmp_path / "alone", device="cpu"))


class FakeRay:
    """The few things of Ray that a connection and a pool use."""

    class exceptions:  # noqa: N801
        class RayError(Exception):
            pass

        NodeDiedError = type("NodeDiedError", (RayError,), {})
        WorkerCrashedError = type("WorkerCrashedError", (RayError,), {})
        LocalRayletDiedError = type("LocalRayletDiedError", (RayError,), {})
        OutOfMemoryError = type("OutOfMemoryError", (RayError,), {})

    def __init__(self, hosts=("one",), answer=None, refuses=None):
        self.hosts, self.answer, self.refuses, self.asked, self.ended = hosts, answer, refuses, [], 0

    def is_initialized(self):
        return False

    def init(self, address, **options):
        self.asked.append((address, options))
        if self.refuses:
            raise self.refuses

    def shutdown(self):
        self.ended += 1

    def nodes(self):
        room = {"CPU": 2.0, "memory": 2.0**34}
        return [{"Alive": True, "NodeManagerHostname": host, "Resources": room} for host in self.hosts] + [
            {"Alive": False, "NodeManagerHostname": "gone", "Resources": {}}
        ]

    def put(self, value):
        return value

    def remote(self, function):
        assert function is ray_pool._main
        task = SimpleNamespace(remote=lambda *given: ("task", given))
        return SimpleNamespace(options=lambda **options: self.asked.append(options) or task)

    def wait(self, tasks, **_options):
        return tasks[:1], tasks[1:]

    def get(self, _task):
        if isinstance(self.answer, self.exceptions.RayError):
            raise self.answer
        return self.answer

    def cancel(self, _task):
        pass


@pytest.fixture
def fake(monkeypatch):
    def place(**described):
        ray = FakeRay(**described)
        monkeypatch.setattr(ray_pool, "_imported", lambda: ray)
        monkeypatch.delenv("RAY_ADDRESS", raising=False)
        return ray

    return place


def study(folder, ray="auto", **asked):
    return run_study(STUDY, budget="smoke", seeds=1, folder=folder, device="cpu", ray=ray, **asked)


def test_what_is_done_is_not_asked_of_ray(tmp_path, fake):
    ray = fake()
    run_study(STUDY, budget="smoke", seeds=1, folder=tmp_path, device="cpu")
    assert study(tmp_path).num_missing == 0
    assert not ray.asked


def test_ray_starts_here_and_quietly_where_no_cluster_is_named(tmp_path, fake):
    ray = fake(refuses=Exception("versions differ"))
    with pytest.raises(ConvwrightError, match=r"Ray cluster here: versions differ$"):
        study(tmp_path)
    assert ray.asked == [(None, {"include_dashboard": False, "log_to_driver": False, "logging_level": "ERROR"})]
    assert ray.ended == 0


def test_the_cause_is_told_where_ray_hides_it_in_a_traceback(tmp_path, fake):
    refusal = ConnectionError("failed")
    refusal.__cause__ = RuntimeError("Traceback:\n  somewhere\nRpcError: no token")
    fake(refuses=refusal)
    with pytest.raises(ConvwrightError, match=r"Ray cluster here: RpcError: no token$"):
        study(tmp_path)


def test_what_a_worker_could_not_go_on_with_is_raised_here(tmp_path, fake):
    ray = fake(answer=ConvwrightError("on machine two: no ledger"))
    with pytest.raises(ConvwrightError, match="on machine two: no ledger"):
        study(tmp_path, workers=1)
    assert ray.ended == 1
    asked = ray.asked[1]
    assert (asked["num_cpus"], asked["num_gpus"], asked["max_retries"]) == (2, 0, 0)
    assert asked["memory"] > 2**30


def test_what_nobody_foresaw_is_told_with_its_cause(tmp_path, fake):
    broken = FakeRay.exceptions.RayError("a long traceback")
    broken.cause = ModuleNotFoundError("No module named 'mine'")
    fake(answer=broken)
    with pytest.raises(ConvwrightError, match=r"broke off: ModuleNotFoundError.*'mine'.*; every machine needs"):
        study(tmp_path)


def test_a_file_cannot_be_the_ledger_of_several_machines(tmp_path, fake):
    ray = fake(hosts=("one", "two"))
    with pytest.raises(ConvwrightError, match=r"of a cluster of 2 machines: expected a server .*got a file"):
        study(tmp_path)
    assert ray.ended == 1


def test_without_ray_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setattr(worker, "train", None)
    with pytest.raises(ConvwrightError, match=r"ray is not installed; pip install 'convwright\[ray\]'"):
        study(tmp_path)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ray://head:10001", "HOST:PORT of its head, or auto; run the command on a machine of the cluster"),
        ("nonsense", "no Ray cluster at nonsense .*expected HOST:PORT"),
        ("127.0.0.1:123456", "no Ray cluster at 127.0.0.1:123456"),
        ("127.0.0.1:{closed}", "no Ray cluster at 127.0.0.1:.*refused"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_at_once(tmp_path, fake, monkeypatch, address, said):
    ray = fake()
    with socket.socket() as probe:  # bound, but it does not listen
        probe.bind(("127.0.0.1", 0))
        address = address.format(closed=probe.getsockname()[1])
        with pytest.raises(ConvwrightError, match=said):
            study(tmp_path, ray=address)
        monkeypatch.setenv("RAY_ADDRESS", address)
        with pytest.raises(ConvwrightError, match=said):
            study(tmp_path)
    assert not ray.asked


def test_a_machine_without_the_folder_is_named(tmp_path, monkeypatch):
    plan = make_plan(STUDY, budget="smoke", seeds=1)
    monkeypatch.chdir(tmp_path)
    for start, folder in ((tmp_path / "none", tmp_path), (tmp_path, tmp_path / "none")):
        task = StudyWork(plan=plan, folder=folder, ledger=tmp_path / "ledger.db", device="cpu")
        error = ray_pool._main(task, start, "ray:1", 1)
        assert str(error).startswith(f"on machine {socket.gethostname()}: folder {tmp_path}/none is not here; all")
