"""A recording: one file with the page and the states that were chosen, which opens from a disk, without a network."""

from __future__ import annotations

import base64
import html
import json
from typing import TYPE_CHECKING, Any

from actlab.play import bundle, replies, wire
from actlab.play.frame import frame
from actlab.text import tr

if TYPE_CHECKING:
    from actlab.play.session import Running

MOST_STATES = 240


def page(running: Running, states: list[int], lang: str, view: dict[str, Any] | None = None) -> str:
    """The file. `states` are those that can be looked at in it; `view` is how the page was looked at."""
    messages = [replies.words(lang), replies.begun(running), replies.grown(running, 0)]
    for state in states:
        frames = [frame(course, running.ground, state) for course in running.courses]
        messages.append(replies.state(running, frames, None))
    packed = [base64.b64encode(message).decode() for message in messages]
    held = {"states": states, "messages": packed, "view": wire.plain(view or {})}
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


def _inline(script: str) -> str:
    """The script as it may stand in a page: nothing in it closes the element."""
    return script.replace("</script", "<\\/script")
