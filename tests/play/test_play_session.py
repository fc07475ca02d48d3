"""A visitor's session: what is asked is answered; what cannot be is refused with a code, and nothing is trained."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest

from actlab.data import resolve
from actlab.play import limits, wire
from actlab.play.session import Session, Workshop

SMALL = {"points": 40, "left": {"activation": ["tanh"], "hidden": [3]}, "right": {"hidden": [3]}}


def talk(*messages, wait=True, lang="en"):
    """What a session answers, message by message; `wait` until it has trained something."""

    async def conversation():
        got = []

        async def send(message):
            got.append(wire.unpack(message))

        workshop = Workshop()
        session = Session(send, workshop, lang)
        for message in messages:
            await session.handle(message if isinstance(message, str | bytes) else json.dumps(message))
            if wait and isinstance(message, dict) and message.get("op") == "run":
                for _ in range(2000):
                    if any(header["kind"] in ("grown", "refused") for header, _ in got):
                        break
                    await asyncio.sleep(0.005)
        await session.close()
        workshop.close()
        return got

    return asyncio.run(conversation())


def test_an_experiment():
    got = talk(
        {"op": "open", "lang": "ko"},
        {"op": "run", "id": 3, "run": SMALL},
        {"op": "frame", "id": 3, "state": 4, "point": [0.1, 0.2]},
        {"op": "point", "id": 3, "state": 4, "point": [0.1, 0.2]},
    )
    kinds = [header["kind"] for header, _ in got]
    assert kinds[:2] == ["words", "run"]
    begun, arrays = got[1]
    assert begun["run"]["left"]["activation"] == ["tanh"]
    assert arrays["points"].shape == (40, 2)
    header, arrays = next(one for one in got if one[0]["kind"] == "frame")
    assert (header["id"], header["state"]) == (3, 4)
    assert arrays["left.map"].shape == (64, 64)
    assert all("tanh" in text for text in (header["say"]["boundary"][0], header["say"]["net"][0]))
    assert header["say"]["headline"].endswith(("다.", "요."))
    point = next(header for header, _ in got if header["kind"] == "point")
    assert point["signals"] == header["signals"]


def test_rewinding_gives_the_same_state():
    frames = [one for one in talk(
        {"op": "run", "id": 1, "run": SMALL},
        {"op": "frame", "id": 1, "state": 0}, {"op": "frame", "id": 1, "state": 60},
        {"op": "frame", "id": 1, "state": 0},
        {"op": "run", "id": 2, "run": SMALL},
    ) if one[0]["kind"] == "frame"]  # fmt: skip
    assert len(frames) == 3
    first, later, again = frames
    assert first[0] == again[0]
    for name, array in first[1].items():
        np.testing.assert_array_equal(array, again[1][name])
    assert (later[1]["left.map"] != first[1]["left.map"]).any()


OWN = {"classes": ["a", "b"]}
REFUSED = [
    ("no json", "play.not_json"),
    (b"\xff\xfe", "play.not_json"),
    ("[" * 100_000, "play.too_long"),
    ("[" * 60_000, "play.not_json"),
    ("[]", "play.not_an_object"),
    ({"op": "nothing"}, "play.unknown_op"),
    ({"op": ["run"]}, "play.unknown_op"),
    ({"op": "open", "lang": "xx"}, "text.unknown_language"),
    ({"op": "frame", "id": 1, "state": 0}, "play.no_run"),
    ({"op": "run", "id": -1}, "play.out_of_range"),
    ({"op": "run", "id": 1, "run": []}, "play.not_an_object"),
    ({"op": "run", "id": 1, "run": {"colour": 1}}, "play.unknown_setting"),
    ({"op": "run", "id": 1, "run": {"points": 10**9}}, "play.out_of_range"),
    ({"op": "run", "id": 1, "run": {"points": True}}, "play.out_of_range"),
    ({"op": "run", "id": 1, "run": {"noise": 1e999}}, "play.out_of_range"),
    ({"op": "run", "id": 1, "run": {"data": "/etc/passwd"}}, "nets.unknown_choice"),
    ({"op": "run", "id": 1, "run": {"left": {"hidden": [10**9]}}}, "play.out_of_range"),
    ({"op": "run", "id": 1, "run": {"left": {"hidden": [8] * 9}}}, "play.layers"),
    ({"op": "run", "id": 1, "run": {"left": {"rate": float("nan")}}}, "play.out_of_range"),
    ({"op": "run", "id": 1, "run": {"left": {"rate": "fast"}}}, "play.out_of_range"),
    ({"op": "run", "id": 1, "run": {"left": {"init": "x" * 500}}}, "play.not_a_text"),
    ({"op": "run", "id": 1, "run": {"left": {"activation": "relu"}}}, "play.activations"),
    ({"op": "run", "id": 1, "run": {"left": {"activation": ["x" * 300]}}}, "play.formula_length"),
    ({"op": "run", "id": 1, "run": {"left": {"activation": ["relu", "tanh", "elu"]}}}, "nets.one_each"),
    ({"op": "run", "id": 1, "run": {"data": "drawn", "drawn": [[0, 0, 0]] * 30}}, "play.drawn_classes"),
    ({"op": "run", "id": 1, "run": {"data": "drawn", "drawn": [[0, 0]] * 30}}, "play.drawn_point"),
    ({"op": "run", "id": 1, "run": {"data": "drawn", "drawn": []}}, "play.drawn_count"),
    ({"op": "run", "id": 1, "run": {"left": {"rate": 10**400}}}, "play.out_of_range"),
    ({"op": "run", "id": 1, "run": {"\ud800": 1}}, "play.unknown_setting"),
    ({"op": "run", "id": 1, "run": {"data": "own"}}, "play.own_missing"),
    ({"op": "run", "id": 1, "run": {"data": "own", "own": {"rows": [[0, 0, 1]] * 30}}}, "play.own_classes"),
    ({"op": "run", "id": 1, "run": {"data": "own", "own": {**OWN, "rows": [[0, 0, 1]] * 9}}}, "play.own_rows"),
    ({"op": "run", "id": 1, "run": {"data": "own", "own": {**OWN, "rows": [[1e99, 0, 1]] * 30}}}, "play.out_of_range"),
    ({"op": "run", "id": 1, "run": {"data": "own", "own": {**OWN, "rows": [[0, 0, 1]] * 30}}}, "data.constant_column"),
    (
        {"op": "run", "id": 1, "run": {"data": "own", "own": {**OWN, "rows": [[k, -k, 1] for k in range(30)]}}},
        "data.one_class",
    ),
    ({"op": "file", "name": "a.csv"}, "play.not_a_text"),
    ({"op": "file", "name": "a.csv", "text": ""}, "data.file_empty"),
    ({"op": "file", "name": "/etc/passwd", "text": "a,b\n1,2"}, "data.file_kind"),
    ({"op": "file", "name": "a.csv", "text": "a,a\n1,2"}, "data.file_twice"),
    ({"op": "file", "name": "a.csv", "text": "a,b,c\n" + '1,2,"x\n' * 30}, "data.file_quotes"),
    ({"op": "file", "name": "a.csv", "text": "a,b,c\n" + "1,2,x\n3,4,y\n" * 4}, "data.few_rows"),
    ({"op": "file", "name": "a.csv", "text": "a,b,c\n" + "1,2,x\n3,4,y\n" * 20, "x": "a", "y": "a"}, "play.own_same"),
    ({"op": "file", "name": "a.csv", "text": "a,b,c\n" + "1,2,x\n3,4,y\n" * 800}, "play.own_rows"),
]


@pytest.mark.parametrize(("message", "code"), REFUSED, ids=lambda value: str(value)[:60])
def test_refusals(message, code):
    ((header, _),) = talk(message, wait=False)
    assert header["kind"] == "refused"
    assert header["code"] == code
    assert len(header["sentence"]) > 5


def test_a_file_of_one_s_own():
    """Two of its columns and its target, by the rules of `actlab.data`; split as it splits them."""
    kinds = ["a", "b"] * 20
    text = "no;x;y;kind\n" + "\n".join(f"n{k};{k / 4};{k * k};{kind}" for k, kind in enumerate(kinds)) + "\nn;;1;a\n"
    ((header, _),) = talk({"op": "file", "name": "C:\\mine\\points.csv", "text": text}, wait=False)
    assert (header["kind"], header["numbers"], header["values"], header["one"]) == ("file", ["x", "y"], ["a", "b"], "b")
    own = header["own"]
    assert (own["name"], own["x"], own["y"], own["target"], own["classes"]) == (
        "points.csv",
        "x",
        "y",
        "kind",
        ["a", "b"],
    )
    assert own["rows"] == [[k / 4, k * k, int(kind == "b")] for k, kind in enumerate(kinds)]
    got = talk({"op": "run", "id": 1, "run": {**SMALL, "data": "own", "own": own, "draw": 5}})
    split = resolve((np.array(own["rows"])[:, :2], kinds)).draw(5)
    np.testing.assert_array_equal(got[0][1]["points"], split.train.X.astype(np.float32))
    np.testing.assert_array_equal(got[0][1]["labels"], split.train.y)
    assert got[0][0]["fresh"] == len(kinds) - len(split.train)


def test_code_in_a_formula_is_no_code():
    ((header, _),) = talk(
        {"op": "run", "id": 1, "run": {"left": {"activation": ["__import__('os').getpid()"]}}}, wait=False
    )
    assert header["code"].startswith("functions.")


def test_a_refused_experiment_leaves_the_one_before():
    got = talk(
        {"op": "run", "id": 1, "run": SMALL},
        {"op": "run", "id": 2, "run": {"points": -1}},
        {"op": "frame", "id": 1, "state": 0},
        {"op": "frame", "id": 1, "state": 10**6},
    )
    assert [header["kind"] for header, _ in got if header["kind"] != "grown"] == ["run", "refused", "frame", "refused"]


def test_points_that_somebody_drew():
    drawn = [[0.1 * k - 1, 0.5, k % 2] for k in range(24)]
    got = talk(
        {"op": "run", "id": 1, "run": {**SMALL, "data": "drawn", "drawn": drawn}}, {"op": "frame", "id": 1, "state": 9}
    )
    np.testing.assert_allclose(got[0][1]["points"], np.array(drawn)[:, :2], rtol=1e-6)
    frame = next(header for header, _ in got if header["kind"] == "frame")
    assert "no fresh points" in frame["say"]["boundary"][0]


def test_a_lost_net_is_said_to_be():
    run = {**SMALL, "left": {"activation": ["relu"], "hidden": [8, 8], "rate": 900}}
    got = talk({"op": "run", "id": 1, "run": run}, {"op": "frame", "id": 1, "state": 60})
    frame = next(header for header, _ in got if header["kind"] == "frame")
    assert "900" in frame["say"]["boundary"][0]


def test_horizon_is_bounded_by_work():
    assert limits.horizon(105, 300) == limits.MOST_EPOCHS
    assert 3 * 2000 * 1000 * 64 * limits.horizon(2000, 1000) <= limits.MOST_WORK


def test_messages_survive_the_wire():
    arrays = {
        "a": np.arange(7, dtype=np.uint8),
        "b": np.array([[np.nan, 1.5]], np.float32),
        "c": np.zeros((2, 0, 2), np.int16),
    }
    header, back = wire.unpack(wire.pack({"kind": "한국어", "x": [float("inf"), 1.0]}, arrays))
    assert header == {"kind": "한국어", "x": [None, 1.0]}
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
