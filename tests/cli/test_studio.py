"""`convwright studio`: what reaches the server."""

import pytest

from convwright.errors import ConvwrightError
from convwright.studio import pages
from convwright.studio.web import server
from reference.runs import invoke


def test_model_and_port_reach_the_server_and_the_address_the_user(monkeypatch):
    served = {}

    def serve(add_pages, port, announce):
        add_pages()
        served.update(port=port)
        announce("http://127.0.0.1:9000/?token=t")

    monkeypatch.setattr(server, "serve", serve)
    monkeypatch.setattr(pages, "add_pages", lambda bench: served.update(first=bench.first.model))
    said = invoke("studio", "resnet20", "--port", "9000")
    assert served == {"first": "resnet20", "port": 9000}
    assert said.splitlines()[0] == "open http://127.0.0.1:9000/?token=t"
    invoke("studio")
    assert served == {"first": "resnet50", "port": 8080}


def test_a_model_that_is_not_there_is_said_before_anything_is_served():
    with pytest.raises(ConvwrightError, match=r"did you mean .*resnet20"):
        invoke("studio", "resnet2O")
