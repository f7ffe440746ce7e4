"""Reports are served by the names of runs, and to nobody else."""

import http.client
from urllib.parse import parse_qs, urlsplit

import pytest


@pytest.mark.parametrize("name", ["nowhere", "../nowhere", ""])
def test_a_report_that_is_not_there_is_a_sentence(address, name):
    place = urlsplit(address)
    token = parse_qs(place.query)["token"][0]
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    try:
        connection.request("GET", f"/runs/report?run={name}", headers={"Cookie": f"convwright_{place.port}={token}"})
        answer = connection.getresponse()
        assert answer.status == 404
        assert answer.read().decode().startswith(f"error: unknown run '{name}'")
    finally:
        connection.close()
