"""Errors that somebody waits for, and those that nobody does."""

import asyncio

import pytest

from convwright.studio.web.disconnects import QuietDisconnects


def ask(*messages, app):
    waiting = list(messages)

    async def receive():
        return {"type": waiting.pop(0)}

    asyncio.run(QuietDisconnects(app)({"type": "http"}, receive, None))
    return waiting


async def fails(_scope, receive, _send):
    await receive()
    raise RuntimeError("No response returned.")


def test_an_error_is_raised_while_somebody_waits():
    with pytest.raises(RuntimeError, match="No response"):
        ask("http.request", app=fails)


def test_nobody_is_told_once_the_browser_left():
    assert ask("http.disconnect", app=fails) == []


def test_what_is_asked_comes_through():
    async def reads(_scope, receive, _send):
        assert (await receive())["type"] == "http.request"

    assert ask("http.request", "http.disconnect", app=reads) == ["http.disconnect"]
