"""The page of a diagnosis: what stands on it, in both languages, with the numbers of the readings; and in a browser."""

from __future__ import annotations

import os
import re
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pitfalls
import pytest
import torch
import zoo
from torch import nn
from torch.nn import functional

import actlab
from actlab.cli import main
from actlab.doctor import diagnosis as bare
from actlab.report.diagnoses.code import code_for
from actlab.report.diagnoses.layers import layers, weights
from actlab.text import LANGUAGES, UserError, keys, number, percent, set_language, use_language

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
from pages import read

CHROMIUM = Path("/usr/bin/chromium")


def sick():
    torch.manual_seed(0)
    model = pitfalls.stack(nn.Sigmoid, depth=8)
    return actlab.check(model, pitfalls.classes(), loss=functional.cross_entropy)


def exploding():
    return pitfalls.stack(nn.ReLU, depth=6, width=16, gain=8.0)


def tried():
    torch.manual_seed(0)
    batches = pitfalls.classes(128)
    d = actlab.check(exploding(), batches, loss=functional.cross_entropy)
    return d.try_remedies(exploding, batches, loss=functional.cross_entropy, steps=10, learning_rate=0.1)


def watched():
    case = zoo.made("pictures")
    optimiser = torch.optim.SGD(case.model.parameters(), lr=0.05)
    with actlab.watch(case.model) as w:
        for k in range(24):
            x, y = case.batches[k % 3]
            optimiser.zero_grad()
            case.loss(case.model(x), y).backward()
            optimiser.step()
    return w.diagnosis()


def fused():
    case = zoo.made("lstm")
    return actlab.check(case.model, case.batches, loss=case.loss)


def dead():
    found = pitfalls.act001()
    return actlab.check(found.sick, found.batches, loss=found.loss).without({"nothing"})


def overflowing():
    """Numbers that are not finite, paths that are no HTML, more layers than the table or the axis takes."""

    class Paths(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = nn.ModuleDict({"<b>&": pitfalls.stack(nn.ReLU, depth=205, width=8, gain=4.0)})

        def forward(self, x):
            return self.parts["<b>&"](x)

    torch.manual_seed(0)
    return actlab.check(Paths(), pitfalls.classes(64), loss=functional.cross_entropy)


def plain():
    return actlab.check(nn.Linear(3, 2), [torch.randn(4, 3)])


def straight():
    """One finding and no more."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 16), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 3))
    return actlab.check(model, pitfalls.classes(128), loss=functional.cross_entropy)


MADE = {make.__name__: make for make in (sick, watched, fused, dead, overflowing, plain, straight)}
_HELD: dict = {}


@pytest.fixture(params=[*MADE, "tried"])
def held(request):
    """A diagnosis or a trial, made once."""
    if request.param not in _HELD:
        _HELD[request.param] = MADE.get(request.param, tried)()
    return _HELD[request.param]


@pytest.fixture(params=LANGUAGES)
def page(request, held, tmp_path):
    path = held.report(tmp_path / "page.html", lang=request.param)
    return path.read_text(encoding="utf-8"), request.param


def test_the_page_is_well_made(page):
    text, lang = page
    root = read(text)
    assert root.all("html")[0].attributes["lang"] == lang
    assert len(root.all("h1")) == len(root.all("main")) == 1
    names = [e.attributes["id"] for e in root.every() if "id" in e.attributes]
    assert len(names) == len(set(names))
    assert {a.attributes["href"].removeprefix("#") for a in root.all("a")} <= set(names)
    for section in root.all("section"):
        assert section.attributes["aria-labelledby"] in names
    levels = [int(e.tag[1]) for e in root.every() if re.fullmatch(r"h[1-6]", e.tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert "http" not in text.replace("http-equiv", "")
    assert "url(" not in text
    assert "<b>&" not in text
    for svg in root.all("svg"):
        if svg.attributes.get("aria-hidden") == "true":
            assert not svg.all("text")
        else:
            assert len(svg.all("desc")[0].text) > 20
    for table in root.all("table"):
        heads = len(table.all("thead")[0].all("th"))
        assert all(len(row.all("td")) == heads for row in table.all("tbody")[0].all("tr"))
    body = root.all("body")[0]
    body.children = [child for child in body.children if child.tag != "script"]
    code = " ".join(e.text for e in root.all("code"))
    words = (body.text + " ".join(v for e in body.every() for v in e.attributes.values())).replace(code, "")
    assert not re.search(r"\b(nan|NaN|null|undefined|inf|-inf)\b", words)
    assert "diagnosis." not in words
    assert not re.search(r"(?<![\w({,]){\w+}", re.sub(r"for .*?:", "", words))


def test_every_finding_stands_there_with_its_numbers(held, page):
    text, lang = page
    d = getattr(held, "diagnosis", held)
    root = read(text)
    cards = root.all("article")
    with use_language(lang):
        assert len(cards) == len(d.groups)
        for card, group in zip(cards, d.groups, strict=True):
            worst = group[0]
            said = card.text.replace("\N{NO-BREAK SPACE}", " ")
            assert worst.code in said
            assert worst.range in said
            assert worst.why in said
            for finding in group[:12]:
                assert finding.message in said
                assert finding.written(finding.value) in said
            advice = [li.all("p")[0].text.replace("\N{NO-BREAK SPACE}", " ") for li in card.all("ol")[0].all("li")]
            assert advice == list(worst.advice)
        skipped = [e for e in root.all("section") if e.attributes["id"] == "skipped"]
        for sentence in d.skipped:
            assert sentence in skipped[0].text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_numbers_of_the_charts_are_those_of_the_readings(tmp_path):
    """From the model itself, by NumPy: shares, variance and gradient of a small net, read off the table and the alt."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 2))
    with torch.no_grad():
        model[0].bias[:4] -= 100.0
    x, y = torch.randn(64, 6), torch.randn(64, 2)
    d = actlab.check(model, [(x, y)], loss=functional.mse_loss)
    z = model[0](x)
    z.retain_grad()
    functional.mse_loss(model[1:](z), y).backward()
    seen = z.detach().double().numpy()
    root = read(d.report(tmp_path / "p.html", "en").read_text(encoding="utf-8"))
    (table,) = [t for t in root.all("table") if t.all("caption")[0].text.startswith("Activations")]
    cells = [cell.text for cell in table.all("tbody")[0].all("tr")[0].all("td")]
    assert cells[:5] == ["1", "0", "relu", "16", percent(4 / 16, 0)]
    assert cells[7] == number(float(z.grad.norm()))
    assert cells[8] == number(float(seen.mean()))
    assert cells[9] == number(float(seen.var()))
    told = {svg.all("title")[0].attributes["id"]: svg.all("desc")[0].text for svg in root.all("svg") if svg.all("desc")}
    assert f"1 (0) {number(float(seen.var()))}" in told["chart-variance-t"]
    assert "1 (0) 25 %" in told["chart-units-t"]
    row = layers(d)[0]
    share = (seen > 0).mean(0)
    np.testing.assert_allclose(row.gains[2], np.median(np.sqrt(share / 0.5)))
    assert [w.name for w in weights(d)] == ["0.weight", "2.weight", "4.weight"]


def test_every_sentence_of_the_page_is_used(monkeypatch, tmp_path):
    """No key of the page is left over: those asked for by the pages here are all there are."""
    from actlab.report.diagnoses import page as made
    from actlab.text import _translate

    asked, inner = set(), _translate.tr

    def note(key, *rest, **values):
        asked.add(key)
        return inner(key, *rest, **values)

    for room in ("figures", "cards", "trials", "page"):
        module = sys.modules[f"actlab.report.diagnoses.{room}"]
        if hasattr(module, "tr"):
            monkeypatch.setattr(module, "tr", note)
    assert callable(made)
    for make in (*MADE.values(), tried):
        (held := _HELD.get(make.__name__) or make()).report(tmp_path / "p.html", "en")
        del held
    assert {key for key in keys("en") if key.startswith("diagnosis.")} - asked == set()


def test_code_of_remedies_runs():
    """What the page offers to paste does what it says, on the model of the finding."""
    torch.manual_seed(0)
    model = exploding()
    batches = pitfalls.classes(128)
    d = actlab.check(model, batches, loss=functional.cross_entropy)
    (group,) = [g for g in d.groups if g[0].code == "ACT005"]
    space = {"model": model, "torch": torch, "actlab": actlab, "batches": batches,
             "optimiser": torch.optim.SGD(model.parameters(), lr=0.1)}  # fmt: skip
    exec(code_for("fitted_init", group, d.readings), space)
    for finding in group:
        layer = model.get_submodule(finding.layer)
        assert float(layer.weight.detach().std()) == pytest.approx((2 / layer.in_features) ** 0.5, rel=0.25)
        assert not layer.bias.any()
    exec(code_for("norm", group, d.readings), space)
    assert all(isinstance(model.get_submodule(f.layer)[1], nn.LayerNorm) for f in group)
    for name in ("lower_rate", "clip", "leaky_relu", "residual", "clean_inputs", "centre_inputs", "log_softmax"):
        exec(code_for(name, group, d.readings), space)
    assert space["optimiser"].param_groups[0]["lr"] == pytest.approx(0.03)
    assert "LeakyReLU" in str(space["model"]) or "leaky_relu" in str(space["model"])
    x = torch.cat([x for x, _ in space["batches"]])
    assert torch.allclose(x.mean(0), torch.zeros(8), atol=1e-5)
    space["model"](space["batches"][0][0])


def test_code_at_the_output_and_between():
    found = pitfalls.act009()
    d = actlab.check(found.sick, found.batches, loss=found.loss)
    (group,) = [g for g in d.groups if g[0].code == "ACT009"]
    exec(code_for("remove_softmax", group, d.readings), {"model": found.sick, "torch": torch})
    assert isinstance(found.sick[-1], nn.Identity)
    found = pitfalls.act008()
    d = actlab.check(found.sick, found.batches, loss=found.loss)
    (group,) = [g for g in d.groups if g[0].code == "ACT008"]
    exec(code_for("activation_between", group, d.readings), {"model": found.sick, "torch": torch})
    again = actlab.check(found.sick, found.batches, loss=found.loss)
    assert "ACT008" not in {f.code for f in again.findings}
    (group,) = [g for g in sick().groups if g[0].code == "ACT003"]
    assert '"sigmoid", "gelu"' in code_for("relu_family", group, sick().readings)
    assert code_for("look_for_cut", group, sick().readings) == ""


def test_a_trial_is_on_the_page(tmp_path):
    trial = _HELD.get("tried") or tried()
    root = read(trial.report(tmp_path / "p.html", "en").read_text(encoding="utf-8"))
    (section,) = [e for e in root.all("section") if e.attributes["id"] == "trial"]
    rows = [[cell.text for cell in row.all("td")] for row in section.all("tbody")[0].all("tr")]
    assert len(rows) == len(trial.arms) + 2
    assert [row[4] for row in rows[:2]] == ["control", "control"]
    for row, arm in zip(rows[2:], trial.arms, strict=True):
        assert row[1] == number(float(np.median(arm.losses)))
        assert row[2].startswith(number(arm.gain.estimate))
        assert (row[4] == "proven") == arm.proven
    assert trial.best is not None
    assert trial.patch in [code.text for code in section.all("code")]


def test_everything_that_people_hold_has_a_page():
    d = sick()
    assert isinstance(d, bare.Diagnosis)
    assert type(d.without(set())) is type(d)
    assert d.report.__doc__
    with actlab.watch(nn.Linear(2, 2)) as w:
        pass
    with pytest.raises(UserError):
        w.diagnosis()


def test_from_the_command_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "patient_page.py").write_text(
        "import torch\n"
        "def build():\n    torch.manual_seed(0)\n"
        "    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))\n"
        "batches = [(torch.randn(32, 4), torch.zeros(32, dtype=torch.long))]\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    words = ["check", "patient_page:build", "--data", "patient_page:batches", "--loss", "cross_entropy"]
    try:
        for lang in LANGUAGES:
            code = main([*words, "--report", f"{lang}.html", "--fail-on", "never", "--lang", lang])
            assert code == 0
            assert f"{lang}.html" in capsys.readouterr().out
            assert f'lang="{lang}"' in (tmp_path / f"{lang}.html").read_text(encoding="utf-8")
        assert main([*words, "--report", "no/page.html"]) == 2
        assert "no/page.html" in capsys.readouterr().err
    finally:
        set_language(None)
        sys.modules.pop("patient_page", None)


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists() and "CI" not in os.environ, reason=f"{CHROMIUM} is not installed")
def test_it_fits_in_a_browser(tmp_path):
    from test_report_browser import CUT_OFF, OVERFLOW, OVERLAPS, SMALLEST, WIDER_THAN_THE_PAGE

    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for name, lang in (("tried", "ko"), ("watched", "en"), ("overflowing", "ko")):
            held = _HELD.get(name) or MADE.get(name, tried)()
            path = held.report(tmp_path / f"{name}.html", lang)
            page = browser.new_page(offline=True)
            said: list[str] = []
            page.on("console", lambda message, said=said: said.append(message.text))
            page.on("pageerror", lambda error, said=said: said.append(str(error)))
            page.goto(path.as_uri())
            for width in (390, 768, 1920):
                page.set_viewport_size({"width": width, "height": 900})
                assert said == []
                assert page.evaluate(OVERFLOW) == 0, (name, width)
                assert page.evaluate(WIDER_THAN_THE_PAGE) == [], (name, width)
                assert page.evaluate(OVERLAPS) == [], (name, width)
                assert page.evaluate(CUT_OFF) == [], (name, width)
                assert page.evaluate(SMALLEST) >= 10, (name, width)
        browser.close()
