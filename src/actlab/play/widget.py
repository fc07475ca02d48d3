"""The playground in a notebook: an anywidget, for Jupyter, marimo, VS Code and Colab (extra ``[notebook]``)."""

from __future__ import annotations

import asyncio
import json
from threading import Thread
from typing import Any

from actlab.play import bundle
from actlab.play.experiment import Experiment
from actlab.play.session import Session, Workshop
from actlab.text import LANGUAGES, UserError, current_language

try:
    import anywidget
    import traitlets
except ImportError:
    raise UserError("play.missing", package="anywidget", extra="notebook") from None


class Playground(anywidget.AnyWidget):
    """Two nets side by side, live.

    Parameters
    ----------
    left, right
        An activation (a name or a formula), or the settings of the arm: ``{"activation": ["relu"], "rate": 0.1}``.
    lang
        ``"en"`` or ``"ko"``; by default the language in force.
    settings
        As in `actlab.play.experiment.Experiment`: ``data``, ``noise``, ``points``, ``batch``, ``draw``, ``drawn``.

    Attributes
    ----------
    run
        The experiment: what was chosen in the page is read here, and what is set here is begun there.

    Raises
    ------
    UserError
        For a setting that cannot be, or where anywidget is not installed.
    """

    _esm = bundle.module("widget.js")
    _css = bundle.style()
    lang = traitlets.Unicode("en").tag(sync=True)
    run = traitlets.Dict().tag(sync=True)
    _loop: asyncio.AbstractEventLoop | None = None  # here: a widget that was refused is closed, too
    _session: Session | None = None

    def __init__(
        self, left: str | dict[str, Any] = "sigmoid", right: str | dict[str, Any] = "relu", *, lang: str | None = None,
        **settings: Any,
    ) -> None:  # fmt: skip
        given = {"left": left, "right": right}
        arms = {side: {"activation": [arm]} if isinstance(arm, str) else arm for side, arm in given.items()}
        run = Experiment.read({**settings, **arms}).plain()
        language = current_language() if lang is None else lang
        if language not in LANGUAGES:
            raise UserError("text.unknown_language", name=str(lang)[:20], known=", ".join(LANGUAGES))
        super().__init__(lang=language, run=run)
        self.on_msg(self._hear)

    @traitlets.validate("run")
    def _whole(self, proposal: Any) -> dict[str, Any]:
        return Experiment.read(proposal["value"]).plain()

    def _hear(self, _: object, message: object, __: object) -> None:
        """A message of the page: to the session's own thread, which answers when it can; the kernel stays free."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = Thread(target=self._loop.run_forever, name="actlab-play", daemon=True)
            self._thread.start()
            self._workshop = Workshop()
            self._session = Session(self._tell, self._workshop, self.lang)
            self._turn = asyncio.Lock()
        asyncio.run_coroutine_threadsafe(self._answer(json.dumps(message)), self._loop)

    async def _answer(self, message: str) -> None:
        assert self._session is not None
        async with self._turn:  # one after another, in their order, as on a WebSocket
            await self._session.handle(message)

    async def _tell(self, message: bytes) -> None:
        self.send({}, buffers=[message])

    def close(self) -> None:
        """Stop training, and take the widget away."""
        if self._loop is not None and self._session is not None:
            asyncio.run_coroutine_threadsafe(self._session.close(), self._loop).result(60)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._workshop.close()
            self._loop = None
        super().close()
