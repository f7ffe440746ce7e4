"""The guard, asked by everybody who should not get in."""

import asyncio

import pytest

from convwright.studio.web.safety import Guard, new_token

TOKEN, PORT = "the-token", 8080
HERE, COOKIE = f"127.0.0.1:{PORT}", f"convwright_{PORT}=the-token"


async def _app(scope, _receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"in"})
    else:
        await send({"type": "seen"})


def ask(headers=(), *, kind="http", method="GET", path="/", query=b""):
    """The first message of the answer, and the body."""
    given = (
        [(name.encode(), value.encode()) for name, value in dict(headers).items()]
        if isinstance(headers, dict)
        else headers
    )
    scope = {"type": kind, "method": method, "path": path, "query_string": query, "headers": list(given)}
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(Guard(_app, port=PORT, token=TOKEN)(scope, None, send))
    return sent[0], sent[-1].get("body", b"").decode()


def headers_of(message):
    return {name.decode(): value.decode() for name, value in message["headers"]}


GOOD = {"host": HERE, "cookie": COOKIE}
OURS = {**GOOD, "origin": f"http://{HERE}"}


def test_the_user_is_let_in():
    assert ask(GOOD)[0]["status"] == 200
    assert ask({**GOOD, "host": f"localhost:{PORT}"})[1] == "in"
    assert ask({**GOOD, "cookie": f"other=1; {COOKIE}"})[1] == "in"
    assert ask(OURS, method="POST")[1] == "in"
    assert ask(OURS, kind="websocket")[0]["type"] == "websocket.accept"
    assert ask({}, kind="lifespan")[0]["type"] == "seen"


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "evil.example:8080"},
        {"host": "127.0.0.1"},
        {"host": "127.0.0.1:8081"},
        {"host": "127.0.0.1.evil.example:8080"},
        {"host": ""},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:8081"},
        {"origin": "https://127.0.0.1:8080"},
        {"origin": "null"},
        {"cookie": ""},
        {"cookie": "convwright_8080=the-tokem"},
        {"cookie": "convwright_8081=the-token"},
        {"cookie": "convwright_8080=\u00e9"},
    ],
)
def test_others_are_not(kind, wrong):
    message, body = ask({**OURS, **wrong}, kind=kind)
    if kind == "websocket":
        assert message["type"] == "websocket.close"
        return
    assert message["status"] == 403
    assert body.startswith("error: ")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_what_may_change_something_needs_an_origin(method):
    assert ask(GOOD, method=method)[0]["status"] == 403
    assert ask(GOOD, kind="websocket")[0]["type"] == "websocket.close"


def test_a_header_that_comes_twice_is_not_trusted():
    pairs = [(b"host", HERE.encode()), (b"host", b"evil.example"), (b"cookie", COOKIE.encode())]
    assert ask(pairs)[0]["status"] == 403


def test_without_a_host_nobody_gets_in():
    assert ask({"cookie": COOKIE})[0]["status"] == 403


def test_the_address_with_the_token_leads_on_without_it():
    message, _ = ask({"host": HERE}, path="/compare", query=b"token=the-token&model=resnet50&blocks=1,+2")
    assert message["status"] == 303
    headers = headers_of(message)
    assert headers["location"] == "/compare?model=resnet50&blocks=1%2C+2"
    assert headers["set-cookie"] == f"{COOKIE}; Path=/; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "///evil.example/x"])
def test_it_never_leads_to_another_server(path):
    message, _ = ask({"host": HERE}, path=path, query=b"token=the-token")
    place = headers_of(message)["location"]
    assert place.startswith("/evil.example")


def test_a_wrong_token_lets_nobody_in_and_sets_nothing():
    for query in (b"token=wrong", b"token=", b"token=the-toke"):
        message, body = ask({"host": HERE}, query=query)
        assert message["status"] == 403
        assert "set-cookie" not in headers_of(message)
        assert TOKEN not in body


def test_the_token_does_not_help_a_foreign_host():
    message, _ = ask({"host": "evil.example"}, query=b"token=the-token")
    assert message["status"] == 403


def test_pages_may_talk_to_this_server_alone():
    policy = headers_of(ask(GOOD)[0])["content-security-policy"]
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}
    assert rules["connect-src"] == ["'self'", f"ws://{HERE}"]
    assert rules["frame-ancestors"] == ["'none'"]
    words = {word for values in rules.values() for word in values}
    assert words <= {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "data:", "blob:", f"ws://{HERE}"}


def test_tokens_are_long_and_never_the_same():
    assert len({new_token() for _ in range(50)}) == 50
    assert min(map(len, (new_token() for _ in range(50)))) >= 32
