"""One visitor: messages in, messages out, whatever carries them (a WebSocket, a notebook).

What comes in is JSON: ``{"op": "open"}`` asks for the words of a language, ``"run"`` begins an experiment,
``"frame"`` asks for one state of it, ``"point"`` for one point's way through the nets, ``"record"`` for a file of what
was seen, ``"claims"`` for the verdicts that lessons name; ``"file"`` brings a file of the visitor's own and asks what
points it holds. What goes out is packed by `wire`. Training goes on beside the answers, no further than somebody looks.
"""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab.play import limits, own, recording, replies, wire
from actlab.play.course import Course
from actlab.play.experiment import Experiment
from actlab.play.frame import frame, signal_at
from actlab.play.ground import Ground
from actlab.play.running import Running
from actlab.text import LANGUAGES, UserError, current_language, use_language

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    Send = Callable[[bytes], Awaitable[None]]


class Workshop:
    """The threads that all sessions share: those that train, and one that draws, so that pictures never wait long."""

    def __init__(self, threads: int = 1) -> None:
        self.training = ThreadPoolExecutor(threads, thread_name_prefix="actlab-train")
        self.drawing = ThreadPoolExecutor(1, thread_name_prefix="actlab-draw")

    def close(self) -> None:
        """Let the threads go."""
        self.training.shutdown(wait=False, cancel_futures=True)
        self.drawing.shutdown(wait=False, cancel_futures=True)


class Session:
    """One visitor's experiment; `handle` answers a message, `close` ends it."""

    def __init__(self, send: Send, workshop: Workshop, lang: str | None = None) -> None:
        self._send, self._workshop = send, workshop
        self.lang = lang or current_language()
        self._running: Running | None = None
        self._task: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._look = asyncio.Event()

    async def handle(self, message: str | bytes) -> None:
        """Answer one message; what is wrong with it is answered too."""
        about: Any = None
        with use_language(self.lang):
            try:
                given = _read(message)
                about = given.get("op")
                handlers: dict[Any, Callable[[dict[str, Any]], Coroutine[Any, Any, None]]] = {
                    "open": self._open,
                    "run": self._run,
                    "frame": self._frame,
                    "point": self._point,
                    "record": self._record,
                    "claims": self._claims,
                    "file": self._file,
                }
                if not isinstance(about, str) or about not in handlers:
                    raise UserError("play.unknown_op", known=", ".join(handlers))
                await handlers[about](given)
            except UserError as error:
                await self._send(wire.pack(replies.refusal(error, about)))

    async def close(self) -> None:
        """Stop what is being trained and told, and wait until it has stopped."""
        if self._telling is not None:
            self._telling.cancel()
        await self._stop()

    async def _stop(self) -> None:
        if self._running is not None:
            self._running.cancelled = True
        self._look.set()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _open(self, given: dict[str, Any]) -> None:
        lang = given.get("lang", self.lang)
        if lang not in LANGUAGES:
            raise UserError("text.unknown_language", name=str(lang)[:20], known=", ".join(LANGUAGES))
        self.lang = lang
        await self._send(replies.words(lang))

    async def _run(self, given: dict[str, Any]) -> None:
        number = _index(given, "id")
        experiment = Experiment.read(given.get("run", {}))
        ground = Ground.of(experiment)
        courses = tuple(Course(arm, ground, experiment.batch) for arm in experiment.arms)
        await self._stop()
        self._running = Running(number, experiment, ground, (courses[0], courses[1]))
        self._look = asyncio.Event()
        await self._send(replies.begun(self._running))
        self._task = asyncio.create_task(self._train(self._running))

    async def _train(self, running: Running) -> None:
        loop = asyncio.get_running_loop()
        while not running.cancelled:
            if not running.wants_more:
                self._look.clear()
                await self._look.wait()
                continue
            seen = [course.trained for course in running.courses]
            course = min(running.courses, key=lambda c: (c.complete, c.epochs))
            await loop.run_in_executor(self._workshop.training, course.extend, running.stopped)
            if not running.cancelled and running.states > min(seen):
                await self._send(replies.grown(running, min(seen)))

    async def _frame(self, given: dict[str, Any]) -> None:
        running, state = self._asked(given)
        running.looked_at = state
        if running.wants_more:
            self._look.set()
        point = _point(given)
        lang = self.lang

        def draw() -> bytes:
            with use_language(lang):
                frames = [frame(course, running.ground, state) for course in running.courses]
                signals = None if point is None else [signal_at(course, state, point) for course in running.courses]
                return replies.state(running, frames, signals)

        await self._send(await asyncio.get_running_loop().run_in_executor(self._workshop.drawing, draw))

    async def _point(self, given: dict[str, Any]) -> None:
        running, state = self._asked(given)
        point = _point(given)
        if point is None:
            raise UserError("play.no_point")
        signals = [signal_at(course, state, point) for course in running.courses]
        await self._send(wire.pack(replies.point(running, state, point, signals)))

    async def _record(self, given: dict[str, Any]) -> None:
        running, _ = self._asked({**given, "state": 0})
        wanted = given.get("states")
        if not isinstance(wanted, list) or not 1 <= len(wanted) <= recording.MOST_STATES:
            raise UserError("play.record_states", most=recording.MOST_STATES)
        states = sorted({self._asked({**given, "state": state})[1] for state in wanted})
        lang, view = self.lang, given.get("view")

        def compose() -> bytes:
            with use_language(lang):
                page = recording.page(running, states, lang, view if isinstance(view, dict) else {})
                return wire.pack({"kind": "recorded"}, {"page": np.frombuffer(page.encode(), np.uint8)})

        await self._send(await asyncio.get_running_loop().run_in_executor(self._workshop.drawing, compose))

    async def _claims(self, _: dict[str, Any]) -> None:
        """Verdicts take a second to be loaded: they are told when they are there, and nothing waits for them."""
        lang = self.lang

        async def tell() -> None:
            await self._send(await asyncio.get_running_loop().run_in_executor(None, replies.claims, lang))

        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(tell())

    async def _file(self, given: dict[str, Any]) -> None:
        lang = self.lang

        def read() -> bytes:
            with use_language(lang):
                return wire.pack({"kind": "file", **own.read_file(given)})

        await self._send(await asyncio.get_running_loop().run_in_executor(self._workshop.drawing, read))

    def _asked(self, given: dict[str, Any]) -> tuple[Running, int]:
        running = self._running
        if running is None or _index(given, "id") != running.number:
            raise UserError("play.no_run")
        state = _index(given, "state")
        if state >= running.states:
            raise UserError("play.no_state", states=running.states)
        return running, state


def _read(message: str | bytes) -> dict[str, Any]:
    if len(message) > limits.MESSAGE_BYTES:
        raise UserError("play.too_long", most=limits.MESSAGE_BYTES)
    try:
        given = json.loads(message)
    except (ValueError, RecursionError):
        raise UserError("play.not_json") from None
    if not isinstance(given, dict):
        raise UserError("play.not_an_object", where="message")
    return given


def _index(given: dict[str, Any], name: str) -> int:
    value = given.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise UserError("play.out_of_range", name=name, low=0, high=2**31 - 1)
    return value


def _point(given: dict[str, Any]) -> tuple[float, float] | None:
    value = given.get("point")
    if value is None:
        return None
    fits = isinstance(value, list) and len(value) == 2
    if not fits or not all(isinstance(x, int | float) and not isinstance(x, bool) and abs(x) <= 100 for x in value):
        raise UserError("play.not_a_point")
    return float(value[0]), float(value[1])
