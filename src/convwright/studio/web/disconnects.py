"""Silence about browsers that leave before they were answered, as happens at each quick click."""

from .safety import App, Message, Receive, Send


class QuietDisconnects:
    """ASGI middleware: what fails after the browser hung up fails in silence.

    Starlette's middlewares raise when there is nobody left to answer, and the server would print the stack.

    Parameters
    ----------
    app : ASGI application
        Whose errors are raised as long as somebody waits for the answer.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass on."""
        has_left = False

        async def watched() -> Message:
            nonlocal has_left
            message = await receive()
            has_left = has_left or message["type"] == "http.disconnect"
            return message

        try:
            await self.app(scope, watched, send)
        except RuntimeError:
            if not has_left:
                raise
