"""Access control: only browsers of this machine that were given the token, and no page of another site."""

import hmac
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

HOST = "127.0.0.1"
TOKEN = "token"  # noqa: S105 - the name of a parameter
_SAFE_METHODS = ("GET", "HEAD")


def new_token() -> str:
    """Return a secret for one run of the server."""
    return secrets.token_urlsafe(24)


class Guard:
    """ASGI middleware: what does not come from a page of this server, opened by its user, goes no further.

    - The Host is this machine's own name and the port: a name that was made to point here (DNS rebinding) is not.
    - An Origin, where one is sent, is this server; a WebSocket and any method but GET and HEAD must send one.
    - The token is in a cookie. An address with `?token=` sets it, and leads on to the same address without.
    - Pages may load and connect to nothing but this server, and be framed by nobody: the browser enforces it.

    Parameters
    ----------
    app : ASGI application
        What is guarded; every scope but "lifespan" is.
    port : int
        That the server listens on.
    token : str
        See `new_token`.
    """

    def __init__(self, app: App, *, port: int, token: str) -> None:
        self.app = app
        self.port, self._token = port, token
        self._hosts = {f"{HOST}:{port}", f"localhost:{port}"}
        self._origins = {f"http://{host}" for host in self._hosts}
        self._cookie = f"convwright_{port}"  # cookies are of a host, whatever the port

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass on, lead on or refuse."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = _headers(scope)
        if problem := self._foreign(scope, headers):
            await _refuse(scope, send, problem)
        elif scope["type"] == "http" and (given := dict(_query(scope)).get(TOKEN)) is not None:
            if self._is_token(given):
                await self._let_in(scope, send)
            else:
                await _refuse(scope, send, _NO_TOKEN)
        elif not self._is_token(_cookies(headers.get("cookie", "")).get(self._cookie, "")):
            await _refuse(scope, send, _NO_TOKEN)
        else:
            await self.app(scope, receive, self._with_policy(send, headers["host"]))

    def _foreign(self, scope: Message, headers: dict[str, str]) -> str:
        """Return why a request does not come from a page of this server; "" when it does."""
        if headers.get("host", "") not in self._hosts:
            return f"this server is http://{HOST}:{self.port} and has no other name"
        origin = headers.get("origin")
        needs_origin = scope["type"] != "http" or scope["method"] not in _SAFE_METHODS
        if origin not in self._origins and (needs_origin or origin is not None):
            return "a page of another site may not talk to this server"
        return ""

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._token.encode())

    async def _let_in(self, scope: Message, send: Send) -> None:
        kept = [(name, text) for name, text in _query(scope) if name != TOKEN]
        # One slash only: "//name" would be another server.
        place = "/" + quote(scope["path"].lstrip("/\\"), safe="/") + (f"?{urlencode(kept)}" if kept else "")
        # Lax, so that a link to a design works from anywhere; what changes state has an Origin.
        cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Lax"
        headers = [(b"location", place.encode()), (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _with_policy(self, send: Send, host: str) -> Send:
        policy = (
            f"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws://{host};"
            " form-action 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'"
        )
        added = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]

        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *added]}
            await send(message)

        return with_policy


_NO_TOKEN = "open the address that `convwright studio` printed: it has the token"  # noqa: S105 - a sentence


def _query(scope: Message) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"))


def _headers(scope: Message) -> dict[str, str]:
    """Return the headers by name; one that comes twice has all of its values, which match nothing of ours."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}; {text}" if key in headers else text
    return headers


def _cookies(text: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(text).items()}
    except CookieError:
        return {}


async def _refuse(scope: Message, send: Send, problem: str) -> None:
    """Answer with 403 and a sentence; a WebSocket is closed before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": problem})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": f"error: {problem}\n".encode()})
