"""Every claim is told in both languages, and nothing is told that no claim asks for."""

import pytest

from actlab.report.ledger import words
from actlab.study.claims import all_claims, ledger
from actlab.text import tr
from actlab.text._translate import keys

CLAIMS = all_claims()
OF_A_CLAIM = ("says", "predicts", "change")
SHIPPED = ledger.shipped().verdicts


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_sentence_is_there(lang):
    known = keys(lang)
    for claim in CLAIMS:
        wanted = {f"claims.{claim.name.lower()}.{name}" for name in OF_A_CLAIM}
        wanted |= {f"claims.{claim.name.lower()}.{effect.name}" for effect in claim.effects}
        if claim.name in SHIPPED:  # what the numbers mean is written when they are there
            wanted.add(f"claims.{claim.name.lower()}.reading")
        assert wanted <= known
        own = {key for key in known if key.startswith(f"claims.{claim.name.lower()}.")}
        assert own == wanted
        assert words.sources(claim, lang)
        for effect in claim.effects:
            for where in effect.conditions:
                assert words.condition(where, lang)
            assert words.matters(effect, lang)


def test_no_value_is_named_in_vain():
    used = {
        f"claims.value.{factor}_{str(value).replace(' ', '_').replace('.', '_')}"
        for claim in CLAIMS for effect in claim.effects for where in effect.conditions
        for factor, value in where.items()
    }  # fmt: skip
    shown = {
        f"claims.shown.{factor}"
        for claim in CLAIMS for effect in claim.effects for where in effect.conditions for factor in where
    }  # fmt: skip
    named = {key for key in keys("en") if key.startswith(("claims.value.", "claims.shown."))}
    assert named <= used | shown
    assert tr("claims.page.title", "ko") != tr("claims.page.title", "en")
