"""Every claim is told in both languages, and nothing is told that no claim asks for."""

import pytest

from actlab.report.ledger import words
from actlab.study.claims import all_claims, ledger
from actlab.text import tr
from actlab.text._translate import keys

CLAIMS = all_claims()
OF_A_CLAIM = ("says", "predicts", "change")
CLAIMS_BY_NAME = {claim.name: claim for claim in CLAIMS}
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


@pytest.mark.parametrize("name", SHIPPED)
def test_for_what_a_part_is_confirmed_is_said_with_what_is_open_among_it(name):
    """“Confirmed for these” names no condition that is not, without saying so."""
    for part in SHIPPED[name].parts:
        if not part.when:
            continue
        met = [
            f for f in part.findings if all(f.where.get(factor, values[0]) in values for factor, values in part.when)
        ]
        unsure = [f for f in met if f.answer == "open"]
        assert {f.answer for f in met} <= {"yes", "open"}
        (said,) = [text for text in words.parts(CLAIMS_BY_NAME[name], SHIPPED[name], "en") if _told(part, name) in text]
        assert ("left open" in said) == bool(unsure)
        assert not unsure or f"with {len(unsure)} condition" in said


def _told(part, name):
    """The name under which a part is listed; a claim's only part has none."""
    alone = len(SHIPPED[name].parts) == 1
    return "" if alone else words.about(CLAIMS_BY_NAME[name], part.effect, "en")
