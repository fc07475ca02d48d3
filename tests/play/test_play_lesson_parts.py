"""What lessons consist of: an experiment, changes with a name and an effect, claims of the ledger."""

from __future__ import annotations

import asyncio
import json

import pytest
from lesson_nets import SETUPS

from actlab.play import lessons, wire
from actlab.play.session import Session, Workshop
from actlab.study import claims
from actlab.study.claims.ledger import shipped
from actlab.text import LANGUAGES, UserError, keys, tr


def test_they_are_carried_by_claims_of_the_ledger():
    from actlab.play.lessons import ledger

    known = {claim.name for claim in claims.all_claims()}
    for lang in LANGUAGES:
        told = ledger.verdicts(lang)
        for name in lessons.names():
            carried = lessons.lesson(name).claims
            assert carried
            assert set(carried) <= known
            assert set(carried) <= set(told)
            for claim in carried:
                number, title = lessons.names().index(name) + 1, lessons.lesson(name).words(lang)["title"]
                assert f"{number}. {title}" in lessons.of_claim(claim, lang)
                assert told[claim]["command"] == f"actlab claims {claim}"
    assert lessons.of_claim("K22") == []


def test_verdicts_are_told_when_they_are_there():
    """In the language in force, once however often they are asked for, and without holding up another answer."""

    async def conversation():
        heard = []
        told = asyncio.Event()

        async def send(message):
            heard.append(wire.unpack(message)[0])
            if heard[-1]["kind"] == "claims":
                told.set()

        workshop = Workshop()
        session = Session(send, workshop, "ko")
        for op in ("claims", "claims", "nothing"):
            await session.handle(json.dumps({"op": op}))
        await asyncio.wait_for(told.wait(), 200)
        await session.close()
        workshop.close()
        return heard

    refused, told = asyncio.run(conversation())
    assert refused["code"] == "play.unknown_op"
    assert told["lang"] == "ko"
    kinds = {claim: verdict.kind for claim, verdict in shipped().verdicts.items()}
    assert {claim: one["verdict"] for claim, one in told["claims"].items()} == {
        claim: tr(f"claims.kind.{kinds[claim]}", "ko") for claim in told["claims"]
    }


def test_every_change_has_a_name_and_changes_something():
    labels = {key for key in keys("en") if key.startswith("play_lessons.") and ".try_" in key}
    assert labels == keys("ko") & labels
    own = {f"play_lessons.{name.replace('.', '.try_')}" for name in SETUPS if "." in name}
    assert labels == own
    for lesson in map(lessons.lesson, lessons.names()):
        told = [(setup.experiment, setup.epoch) for setup in lesson.setups]
        assert len(told) > 1
        assert len(set(map(str, told))) == len(told)


def test_there_are_ten_in_the_order_of_the_story():
    assert " ".join(lessons.names()) == "line bending vanishing zigzag relu dying rates geometry cost choosing"
    with pytest.raises(UserError, match="sums"):
        lessons.lesson("sums")
