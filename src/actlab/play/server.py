"""`actlab play`: the page and its WebSocket on this machine (Starlette, uvicorn)."""

from __future__ import annotations

import asyncio
import html
import os
import socket
import webbrowser
from contextlib import asynccontextmanager, suppress
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

from actlab.play import bundle, limits
from actlab.play.guard import REFUSALS, TOO_FAST, TOO_LONG, Guard
from actlab.text import UserError, current_language, tr

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.applications import Starlette
    from starlette.requests import HTTPConnection, Request
    from starlette.responses import Response
    from starlette.websockets import WebSocket

    from actlab.play.session import Session, Workshop

PORT = 8642
_PLAIN = "html,body{margin:0}\n"
#: With which code a WebSocket is closed, and the sentence for it.
_CLOSED = {TOO_FAST: "too_many_messages", REFUSALS["visitors"][1]: "too_many_visitors"}


def application(guard: Guard, lang: str) -> Starlette:
    """The page at ``/``, its two files, and ``/ws``; everything else is refused."""
    try:
        from starlette.applications import Starlette
        from starlette.routing import Route, WebSocketRoute
    except ImportError:
        raise UserError("play.missing", package="starlette", extra="play") from None
    from actlab.play.session import Workshop

    workshop = Workshop(threads=max(1, (os.cpu_count() or 2) - 1))
    site = _Site(guard, lang)

    async def talk(socket: WebSocket) -> None:
        await site.talk(socket, workshop)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        workshop.close()

    return Starlette(
        routes=[
            Route("/", site.guarded(site.page)),
            Route("/play.js", site.guarded(lambda _: site.answer("text/javascript", bundle.module("page.js")))),
            Route("/play.css", site.guarded(lambda _: site.answer("text/css", _PLAIN + bundle.style()))),
            WebSocketRoute("/ws", talk),
            Route("/{rest:path}", site.guarded(site.missing)),
        ],
        lifespan=lifespan,
    )


class _Site:
    """What the addresses of the page answer in one language, and who is there."""

    def __init__(self, guard: Guard, lang: str) -> None:
        self._guard, self._lang = guard, lang
        self._visitors: set[WebSocket] = set()

    def _refused(self, connection: HTTPConnection) -> str | None:
        return self._guard.refuses(connection.headers, connection.query_params, _cookies(connection))

    def answer(self, kind: str, text: str) -> Response:
        from starlette.responses import Response

        return Response(text, media_type=kind, headers=self._guard.headers())

    def guarded(self, give: Callable[[Request], Response]) -> Callable[[Request], Any]:
        """`give` for those who may come in; for others a sentence that says why not."""
        from starlette.responses import PlainTextResponse

        async def respond(request: Request) -> Response:
            why = self._refused(request)
            if why is not None:
                headers = {**self._guard.headers(), "X-Refused": why}
                return PlainTextResponse(tr(f"play.refused.{why}", self._lang), REFUSALS[why][0], headers)
            return give(request)

        return respond

    def page(self, request: Request) -> Response:
        from starlette.responses import RedirectResponse

        if "token" in request.query_params:  # out of the address bar: what is copied from there is no key
            response = RedirectResponse("/", 303, headers=self._guard.headers())
            response.set_cookie(self._guard.cookie, self._guard.token, httponly=True, samesite="strict")
            return response
        head = '<link rel="stylesheet" href="/play.css">\n<script type="module" src="/play.js"></script>'
        # What is said where there is no session to ask for words.
        closed = {code: html.escape(tr(f"play.{key}", self._lang), quote=True) for code, key in _CLOSED.items()}
        said = " ".join(f'data-closed-{code}="{sentence}"' for code, sentence in closed.items())
        body = f'<div id="play" {said}></div>'
        return self.answer("text/html", bundle.document(self._lang, "actlab play", head, body))

    def missing(self, _: Request) -> Response:
        from starlette.responses import PlainTextResponse

        return PlainTextResponse(tr("play.refused.missing", self._lang), 404, self._guard.headers())

    async def talk(self, socket: WebSocket, workshop: Workshop) -> None:
        """One visitor, from the first message to the last."""
        from starlette.websockets import WebSocketDisconnect

        from actlab.play.session import Session

        why = self._refused(socket) or ("visitors" if len(self._visitors) >= limits.VISITORS else None)
        # Accepted first, so that the code of the refusal reaches whoever is refused.
        await socket.accept()
        if why is not None:
            await socket.close(REFUSALS[why][1], why)
            return
        self._visitors.add(socket)
        session = Session(socket.send_bytes, workshop, self._lang)
        try:
            await _listen(socket, session)
        except (WebSocketDisconnect, RuntimeError):  # gone, also while an answer was on its way
            pass
        finally:
            self._visitors.discard(socket)
            await session.close()


async def _listen(socket: WebSocket, session: Session) -> None:
    bucket = limits.Bucket()
    while True:
        message = await socket.receive()
        if message["type"] != "websocket.receive":
            break
        text = message.get("text")
        content = message.get("bytes") if text is None else text
        if not bucket.take():
            await socket.close(TOO_FAST, "rate")
            break
        if content is None or len(content) > limits.MESSAGE_BYTES:
            await socket.close(TOO_LONG, "size")
            break
        await session.handle(content)


def _cookies(connection: HTTPConnection) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(connection.headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; `UserError` where it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except PermissionError:
        listener.close()
        raise UserError("play.port_taken", port=port) from None
    except OSError as error:
        listener.close()
        import errno

        if error.errno == errno.EADDRINUSE:
            raise UserError("play.port_taken", port=port) from None
        raise UserError("play.bad_host", host=host[:60]) from None
    listener.listen(64)
    return listener


def serve(
    host: str,
    port: int,
    *,
    browser: bool,
    say: Callable[[str], None],
    lang: str | None = None,
    lesson: str | None = None,
) -> None:
    """Serve until Ctrl-C. `say` prints a line: first of all the address, of the `lesson` where one is named.

    Raises
    ------
    UserError
        Where the port is taken, the host is no address of this machine, or Starlette and uvicorn are not installed.
    """
    try:
        import uvicorn
    except ImportError:
        raise UserError("play.missing", package="uvicorn", extra="play") from None
    _give_memory_back()
    language = lang or current_language()
    listener = listening(host, port)
    guard = Guard(host, listener.getsockname()[1])
    server = uvicorn.Server(config(application(guard, language)))
    url = guard.url if lesson is None else f"{guard.url}#lesson={lesson}"
    say(tr("play.command.address", language, url=url))
    if guard.open_to_others:
        say(tr("play.command.open_to_others", language))
    say(tr("play.command.stop", language))

    async def run() -> None:
        warming = asyncio.create_task(asyncio.to_thread(_warm, language))  # while the browser opens
        serving = asyncio.create_task(server.serve([listener]))
        if browser:
            await asyncio.to_thread(webbrowser.open, url)
        await serving
        await warming

    with suppress(KeyboardInterrupt):
        asyncio.run(run())
    say(tr("play.command.stopped", language))


def _give_memory_back() -> None:
    """Large arrays go back to the system when they are freed, where the C library is glibc (mallopt(3)).

    By itself it keeps up to 64 MiB in every thread's arena once an array of 32 MiB has been freed, as what 64 nets went
    through is.
    """
    import ctypes

    mmap_threshold, trim_threshold = -3, -1
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(mmap_threshold, 2**20)
        library.mallopt(trim_threshold, 2**20)


def _warm(lang: str) -> None:
    """What the first page will ask for, once: imports, facts of the functions, a first net. Later it is quick."""
    from actlab.play import replies
    from actlab.play.course import Course
    from actlab.play.experiment import Experiment
    from actlab.play.frame import frame
    from actlab.play.ground import Ground

    replies.words(lang)
    run = Experiment()
    ground = Ground.of(run)
    for arm in run.arms:
        course = Course(arm, ground, run.batch)
        course.extend()
        frame(course, ground, 0)


def config(app: Starlette) -> Any:
    """How uvicorn serves it: quietly, with nothing accepted that is longer than may be."""
    import uvicorn

    return uvicorn.Config(
        app, log_level="error", access_log=False, ws="websockets-sansio", ws_max_size=2 * limits.MESSAGE_BYTES,
        ws_max_queue=16, timeout_graceful_shutdown=2, server_header=False, date_header=False, lifespan="on",
        ws_per_message_deflate=False,
    )  # fmt: skip
