"""The child's messages; what its process does is in test_call."""

import io
from multiprocessing import Pipe

from convwright.child_process import Step
from convwright.child_process.child import MessageSender, Printed


def test_what_is_written_is_a_message_among_others():
    here, there = Pipe()
    sender = MessageSender(there)
    with here, there, io.TextIOWrapper(sender, write_through=True) as stream:
        print("é", file=stream)
        sender.send(Step("linting net", "net"))
        assert stream.writable()
        received = [here.recv() for _ in range(3 if here.poll() else 0)][:3]
    assert "".join(each.text for each in received if isinstance(each, Printed)) == "é\n"
    assert received[-1] == Step("linting net", "net")
    assert sender.subject == "net"
