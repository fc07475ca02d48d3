"""The playground as a notebook's widget: the same session behind it, over its messages."""

from __future__ import annotations

import threading

import pytest

import actlab
from actlab.play import wire

pytest.importorskip("anywidget")


@pytest.fixture
def widget(monkeypatch):
    from actlab.play.widget import Playground

    heard, arrived = [], threading.Condition()

    def send(self, content, buffers=None):
        with arrived:
            heard.append(wire.unpack(buffers[0])[0])
            arrived.notify_all()

    monkeypatch.setattr(Playground, "send", send)
    widget = Playground("tanh", {"activation": ["relu"], "hidden": [3]}, data="circles", points=40, lang="ko")

    def ask(message, kind):
        widget._handle_custom_msg(message, [])
        with arrived:
            assert arrived.wait_for(lambda: any(header["kind"] == kind for header in heard), 200)
        return next(header for header in heard if header["kind"] == kind)

    yield widget, ask
    widget.close()


def test_it_answers_like_the_server(widget):
    widget, ask = widget
    assert widget.run["right"]["hidden"] == [3]
    words = ask({"op": "open", "lang": widget.lang}, "words")
    assert words["lang"] == "ko"
    assert ask({"op": "run", "id": 1, "run": widget.run}, "run")["arms"][0]["label"] == "tanh"
    assert ask({"op": "run", "id": 2, "run": {"points": -1}}, "refused")["code"] == "play.out_of_range"
    ask({"op": "drop"}, "grown")
    assert ask({"op": "frame", "id": 1, "state": 3}, "frame")["state"] == 3


def test_what_cannot_be_is_refused_at_once():
    from actlab.play.widget import Playground

    for wrong in ({"data": "nothing"}, {"colour": 1}, {"lang": "xx"}):
        with pytest.raises(actlab.UserError):
            Playground("relu", **wrong)
    with pytest.raises(actlab.UserError):
        Playground("relux")


def test_its_module_is_one(widget):
    widget, _ = widget
    assert "export default { render }" in widget._esm
    assert ".actlab-play" in widget._css
