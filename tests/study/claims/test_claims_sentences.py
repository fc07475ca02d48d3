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


@pytest.mark.parametrize(
    ("name", "effect", "en", "ko"),
    [
        ("K3", "kept", "0.0162 [0.00856, 0.0272] of R²", "R² 0.0162 [0.00856, 0.0272]"),
        ("K7", "one_map", "15.6 [15.6, 15.6] digits", "15.6 [15.6, 15.6]자리"),
        ("K26", "distances", "0.0907 [0.0769, 0.102] of rank correlation ρ", "순위상관 ρ 0.0907 [0.0769, 0.102]"),
    ],
)
def test_numbers_say_what_they_count(name, effect, en, ko):
    claim = next(claim for claim in CLAIMS if claim.name == name)
    lead, found = words.lead(claim, SHIPPED[name])
    assert lead.name == effect
    assert words.told(found, lead.unit, "en") == en
    assert words.told(found, lead.unit, "ko") == ko


def test_what_matters_has_a_unit_too():
    far = next(claim for claim in CLAIMS if claim.name == "K3").effects[1]
    assert words.matters(far, "en") == "median over seeds; the claim says more than 0.5, far ÷ near"
    assert words.matters(far, "ko") == "시드의 중앙값. 주장에 따르면 가까운 점의 0.5배보다 큽니다"
