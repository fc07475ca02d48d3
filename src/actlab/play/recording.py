"""A recording: one file with the page and the states that were chosen, which opens from a disk, without a network."""

from __future__ import annotations

import base64
import html
import json
from typing import TYPE_CHECKING, Any

from actlab.play import bundle, replies, sentences, wire
from actlab.play.frame import frame
from actlab.text import LANGUAGES, tr, use_language

if TYPE_CHECKING:
    from actlab.play.running import Running

MOST_STATES = 240


def page(running: Running, states: list[int], lang: str, view: dict[str, Any] | None = None) -> str:
    """The file. `states` are those that can be looked at in it; `view` is how the page was looked at.

    It speaks every language: what was said of each state in the others lies beside the messages in `lang`.
    """
    others = [other for other in LANGUAGES if other != lang]
    messages = [replies.begun(running), replies.grown(running, 0)]
    said: dict[str, list[Any]] = {other: [] for other in others}
    labels = {}
    for state in states:
        frames = [frame(course, running.ground, state) for course in running.courses]
        messages.append(replies.state(running, frames, None))
        for other in others:
            with use_language(other):
                said[other].append(sentences.moment(running, frames))
                labels[other] = sentences.labels(running.experiment)
    held = {
        "states": states, "lang": lang, "view": wire.plain(view or {}), "said": said, "labels": labels,
        "words": {one: _packed(replies.words(one)) for one in LANGUAGES}, "messages": list(map(_packed, messages)),
    }  # fmt: skip
    text = json.dumps(held, separators=(",", ":")).replace("<", "\\u003c")
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src blob: data:"
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<style>html,body{{margin:0}}\n{bundle.style()}</style>"
    )
    body = (
        '<div id="play"></div>\n'
        f'<script type="application/json" id="recording">{text}</script>\n'
        f'<script type="module">\n{_inline(bundle.module("page.js"))}\n</script>'
    )
    return bundle.document(lang, html.escape(tr("play.page.title")), head, body)


def _packed(message: bytes) -> str:
    return base64.b64encode(message).decode()


def _inline(script: str) -> str:
    """The script as it may stand in a page: nothing in it closes the element."""
    return script.replace("</script", "<\\/script")
