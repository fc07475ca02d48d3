"""`actlab claims`, as a user meets it."""

import json
import re

import pytest

from actlab.cli import main
from actlab.study.claims import SEEDS, all_claims, claim, ledger

NAMES = [f"K{k}" for k in range(1, 28)]


def test_all_27_claims_are_there_and_ask_enough():
    """The mission's table: data where data matter, at least three of them, in both regimes, with 200 seeds."""
    assert [one.name for one in all_claims()] == NAMES
    assert SEEDS >= 200
    for one in all_claims():
        regimes = {where["regime"] for effect in one.effects for where in effect.conditions if "regime" in where}
        assert len(one.data) >= 3, one.name
        # Of nets before training, of units killed at a rate, and of prices there is no best rate to ask for.
        assert regimes == {"same", "best"} or one.name in ("K12", "K16", "K24", "K27"), one.name


def test_the_shipped_ledger_is_listed_at_once(capsys):
    assert main(["claims", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert set(re.findall(r"^K\d+", said, re.MULTILINE)) == set(NAMES)
    assert "came with the package" in said
    assert ledger.shipped().about["date"] in said


def test_korean(capsys):
    assert main(["claims", "--lang", "ko"]) == 0
    said = capsys.readouterr().out
    assert "시그모이드" in said
    assert "조건부 성립" in said


def test_json_is_the_same_ledger(capsys):
    assert main(["claims", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["shipped"] is True
    verdicts = {one["claim"]: one["verdict"] for one in found["claims"]}
    assert verdicts == {name: verdict.kind for name, verdict in ledger.shipped().verdicts.items()}


def test_one_claim_is_tested_and_drawn(tmp_path, capsys):
    """The verdict on the screen, the picture in a file, the records in a directory; then the list of that directory."""
    place, picture = tmp_path / "ledger", tmp_path / "k24.svg"
    assert main(["claims", "k24", str(place), "--seeds", "16", "--out", str(picture), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "Differences between points" in said
    assert said.count("init xavier") == 6
    assert picture.read_text(encoding="utf-8").startswith("<svg xmlns")
    assert main(["claims", str(place), "--lang", "en"]) == 0
    assert "not tested yet" in capsys.readouterr().out
    assert list(ledger.read(place).verdicts) == ["K24"]


def test_pages_are_written_in_both_languages(tmp_path):
    assert main(["claims", "--pages", str(tmp_path), "--lang", "en"]) == 0
    for lang in ("en", "ko"):
        page = (tmp_path / lang / "claims.md").read_text(encoding="utf-8")
        for name in ledger.shipped().verdicts:
            assert f'<a id="{name.lower()}"></a>' in page
            assert (tmp_path / "images" / "claims" / f"{name.lower()}-{lang}.svg").exists()
        assert f"](../images/claims/k2-{lang}.svg)" in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["K99"], "K27"),
        (["K14", "--all", "x"], "--all"),
        (["--all"], "directory"),
        (["one", "two"], "one directory"),
        (["K14", "--out", "x.png"], r"\.svg"),
        (["--seeds", "512"], "--seeds"),
        (["K24", "--seeds", "2"], "16"),
        (["K24", "--seeds", "many"], "many"),
        (["nowhere"], "no verdicts"),
    ],
)
def test_bad_words_get_one_sentence(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["claims", "--lang", "en", *words]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert re.search(said, told)
    assert not list(tmp_path.iterdir())


def test_a_claim_is_found_by_its_name():
    assert claim(" k9 ").name == "K9"
