"""Who may come in, over the wire: token, Host, Origin, sizes, rates; and what the page may load."""

from __future__ import annotations

import asyncio
import http.client
import json
import random

import pytest
from hostile_messages import hostile

from actlab.play import limits, wire
from actlab.play.guard import Guard

websockets = pytest.importorskip("websockets")


def get(served, path="/", **headers):
    connection = http.client.HTTPConnection(served.authority, timeout=60)
    connection.request("GET", path, headers={"Host": served.authority, **headers})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


def closed_with(served, messages=(), *, token=None, origin=None, host=None, answers=10**9):
    """The code with which a WebSocket is closed, and what was answered before; None after so many answers."""

    async def visit():
        name, port = served.authority.split(":")
        token_ = served.token if token is None else token
        url = f"ws://{host or served.authority}/ws?token={token_}"
        got = []
        async with websockets.connect(
            url, host=name, port=int(port), origin=origin, max_size=None, open_timeout=60
        ) as socket:
            try:
                for message in messages:
                    await socket.send(message)
                while len(got) < answers:
                    got.append(wire.unpack(await asyncio.wait_for(socket.recv(), 60)))
                return None, got
            except websockets.ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None, got

    return asyncio.run(visit())


def test_the_address_lets_in_and_the_token_leaves_it(served):
    status, headers, _ = get(served, f"/?token={served.token}")
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    status, headers, body = get(served, "/", Cookie=cookie.partition(";")[0])
    assert status == 200
    assert "/play.js" in body
    assert served.token not in body
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for path, kind in (("/play.js", "text/javascript"), ("/play.css", "text/css")):
        status, headers, body = get(served, f"{path}?token={served.token}")
        assert status == 200
        assert headers["content-type"].startswith(kind)
        assert len(body) > 1000


@pytest.mark.parametrize(
    ("path", "headers", "status", "why"),
    [
        ("/", {}, 403, "token"),
        ("/?token=wrong", {}, 403, "token"),
        ("/play.js", {}, 403, "token"),
        ("/?token=T", {"Host": "evil.example"}, 421, "host"),
        ("/?token=T", {"Host": "evil.example:80"}, 421, "host"),
        ("/?token=T", {"Host": "127.0.0.1:1"}, 421, "host"),
        ("/?token=T", {"Origin": "http://evil.example"}, 403, "origin"),
        ("/?token=T", {"Origin": "null"}, 403, "origin"),
        ("/?token=T", {"Cookie": "actlab-1=x; =;;\x7f"}, 303, None),
    ],
)
def test_refused_over_http(served, path, headers, status, why):
    given, answered, _ = get(served, path.replace("=T", f"={served.token}"), **headers)
    assert given == status
    assert answered.get("x-refused") == why
    assert "content-security-policy" in answered


def test_nothing_else_is_there(served):
    for path in ("/etc/passwd", "/static/main.js", "/../pyproject.toml", "/%2e%2e/x"):
        assert get(served, f"{path}?token={served.token}")[0] == 404


def test_refused_over_websocket(served):
    run = json.dumps({"op": "run", "id": 1, "run": {}})
    assert closed_with(served, [run], token="wrong") == (4403, [])
    assert closed_with(served, [run], origin="http://evil.example") == (4404, [])
    assert closed_with(served, [run], host="evil.example") == (4421, [])


def test_too_long_and_too_fast(served):
    assert closed_with(served, ["x" * (limits.MESSAGE_BYTES + 1)])[0] == 1009
    code, got = closed_with(served, ["{}"] * 2000)
    assert code == 4429
    assert all(header["code"] == "play.unknown_op" for header, _ in got)


def test_hostile_messages(served):
    """A reduced count of what bench/play.py sends by the hundred thousand: every one gets a refusal with a code."""
    draw = random.Random(7)
    messages = [hostile(draw) for _ in range(300)]
    code, got = closed_with(served, messages, answers=len(messages))
    assert code is None
    assert len(got) == len(messages)
    assert {header["kind"] for header, _ in got} <= {"refused", "words"}


def test_many_visitors(served):
    """Fifty at once: as many as there is room for are answered, the others are told that there is none."""

    async def visit():
        everybody, told = asyncio.Event(), []

        async def one():
            async with websockets.connect(f"{served.ws}?token={served.token}", open_timeout=200) as socket:
                try:
                    await socket.send('{"op": "open"}')
                    header, _ = wire.unpack(await socket.recv())
                    told.append(header["kind"])
                except websockets.ConnectionClosed as closed:
                    told.append(closed.rcvd.code)
                if len(told) == 50:
                    everybody.set()
                await everybody.wait()  # nobody makes room before the last has knocked

        await asyncio.wait_for(asyncio.gather(*(one() for _ in range(50))), 200)
        return told

    found = asyncio.run(visit())
    assert found.count("words") == limits.VISITORS
    assert found.count(4503) == 50 - limits.VISITORS


def test_names_that_could_be_rebound_are_no_hosts():
    guard = Guard("127.0.0.1", 8642, "t")
    token = {"token": "t"}
    for host, why in (
        ("127.0.0.1:8642", None), ("localhost:8642", None), ("[::1]:8642", None), ("127.1.2.3:8642", None),
        ("127.0.0.1", "host"), ("localhost", "host"), ("192.168.0.2:8642", "host"),
        ("localhost.evil.example:8642", "host"),
        ("", "host"), (":8642", "host"), ("127.0.0.1:8642@evil", "host"),
    ):  # fmt: skip
        assert guard.refuses({"host": host}, token, {}) == why, host
    wide = Guard("0.0.0.0", 8642, "t")
    assert wide.open_to_others
    assert wide.refuses({"host": "192.168.0.2:8642"}, token, {}) is None
    assert wide.refuses({"host": "some.name:8642"}, token, {}) == "host"
