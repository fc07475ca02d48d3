"""Every control of the page is driven, and does what it says; one that nobody drives fails the last test."""

from __future__ import annotations

import random
from urllib.parse import parse_qs

import pytest
from browser_page import MARKS, Page

pytestmark = MARKS

#: What can be operated: [element, "place: name"]. A control has its name from what a screen reader would say.
CONTROLS = """() => {
  const visible = (e) => e.getClientRects().length > 0 || e.closest("details");
  const title = (e) => document.getElementById(e.getAttribute("aria-labelledby"))?.textContent;
  const label = (e) => (e.closest("label")?.querySelector("span") ?? e).textContent;
  const name = (e) => e.dataset.key ? "play or pause" : (e.getAttribute("aria-label") ?? title(e) ?? label(e)).trim();
  const places = {"dialog.own": "file", "dialog.pen": "pen", ".lesson": "lesson", ".arm0": "left", ".arm1": "right",
    ".data-row": "data", ".transport": "time", ".menu .sheet": "menu", ".notice": "notice"};
  const place = (e) => Object.entries(places).find(([where]) => e.closest(where))?.[1] ?? "page";
  const lessons = new Set(actlabPlay.lessons.map((one) => one.title));
  const bare = (said) => said.replace(/^← | →$/g, "");
  const told = (e) => e.closest(".tries") ? "lesson: a change to try"
    : !lessons.has(bare(name(e))) ? `${place(e)}: ${name(e)}`
    : place(e) === "menu" ? "menu: a lesson" : name(e).startsWith("←") ? "lesson: ←" : "lesson: →";
  const focusable = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";
  return [...document.querySelectorAll(focusable)].filter(visible).map((e) => [e, told(e)]);
}"""
ARM = {  # what is done → the setting that follows, what it is then, and how it stands in the address
    "Learning rate": ("select_option", "0.5", "rate", 0.5, "0.5"),
    "Hidden layers +1": ("click", None, "hidden", [3, 3, 3], "3,3,3"),
    "Hidden layers −1": ("click", None, "hidden", [3, 3], "3,3"),
    "Hidden layers (widths, such as 8 8)": ("fill", "4 2", "hidden", [4, 2], "4,2"),
    "First weights": ("select_option", "he", "init", "he", "he"),
    "Norm": ("select_option", "layer", "norm", "layer", "layer"),
    "Optimiser": ("select_option", "adam", "optimiser", "adam", "adam"),
    "Seed": ("fill", "7", "seed", 7, "7"),
    "{} net: Activation": ("fill", "x*tanh(softplus(x)); tanh", "activation", ["x*tanh(softplus(x))", "tanh"],
                           "x*tanh(softplus(x));tanh"),
}  # fmt: skip
SETS = ("Circles", "XOR", "Spiral", "Blobs", "Checkerboard", "Moons")
PANELS = ("Boundary", "Units", "Hidden space", "Path of two weights")
SHARED = ("Loss", "Gradient by layer", "Signal by layer")
#: What the tests below have driven; each puts its own names here when it has seen their effect.
DRIVEN: set[str] = set()


def controls(page, place=""):
    """Names of what can be operated there."""
    return {name for name in page.get(f"({CONTROLS})().map(([, name]) => name)") if name.startswith(place)}


def control(page, name):
    """The element of that name."""
    find = f"(name) => ({CONTROLS})().find(([, one]) => one === name)[0]"
    return page.tab.evaluate_handle(find, name).as_element()


@pytest.mark.parametrize("side", ["left", "right"])
def test_settings_of_a_net(page, side):
    for pattern, (act, value, key, expected, stands) in ARM.items():
        name = f"{side}: {pattern.format(side.capitalize())}"

        def drive(name=name, act=act, value=value):
            getattr(control(page, name), act)(*([] if value is None else [value]))
            if act == "fill":
                page.tab.keyboard.press("Enter")

        run = page.anew(drive)
        assert run[side][key] == expected, name
        address = parse_qs(page.get("location.hash.slice(1)"))
        assert address[side if key == "activation" else f"{side}.{key}"] == [stands], name
        DRIVEN.add(name)


def test_data(page):
    for name in SETS:
        run = page.anew(lambda name=name: page.tab.click(f".data[title={name}]"))
        assert run["data"] == name.lower()
        DRIVEN.add(f"data: {name}")
    for name, value, key in (("Noise", "0.3", "noise"), ("Points", "80", "points"), ("Batch", "8", "batch")):

        def fill(name=name, value=value):
            control(page, f"data: {name}").fill(value)
            page.tab.keyboard.press("Enter")

        assert page.anew(fill)[key] == float(value)
        DRIVEN.add(f"data: {name}")
    points = page.get("[...actlabPlay.run.arrays.points]")
    assert page.anew(lambda: page.tab.click("[aria-label='Draw new points']"))["draw"] == 1
    assert page.get("[...actlabPlay.run.arrays.points]") != points
    DRIVEN.add("data: Draw new points")


def test_time_goes_on_and_back(page):
    tab = page.tab
    page.anew(lambda: tab.click("[aria-label='Roll new first weights for both nets']"))
    assert page.get("actlabPlay.run.run.right.seed") % 64 == page.get("actlabPlay.run.run.left.seed") % 64
    page.ready()
    first = page.state(0)
    page.get("document.activeElement.blur()")
    assert page.get("document.activeElement === document.body")
    tab.keyboard.press("Space")  # as on a fresh page, before anything was clicked
    page.wait("actlabPlay.player.playing")
    tab.keyboard.press("Home")
    page.wait("!actlabPlay.player.playing && actlabPlay.player.index === 0")
    tab.click("[aria-label='Play']")
    page.wait("actlabPlay.player.index > 8")
    assert page.get("actlabPlay.statistics.drawn") > 8
    tab.click("[aria-label='Pause']")
    stopped = page.get("actlabPlay.player.index")
    tab.click("[aria-label='One state on']")
    page.wait(f"actlabPlay.player.shown.state === {stopped + 1}")
    tab.click("[aria-label='One state back']")
    page.wait(f"actlabPlay.player.shown.state === {stopped}")
    seen = page.get("[...actlabPlay.player.shown.arrays['right.map']]")
    assert seen != first
    tab.click("[aria-label='Back to the same first weights']")
    page.wait("actlabPlay.player.shown.state === 0")
    page.get("actlabPlay.player.frames.clear()")  # from the server again, not from what is kept
    assert page.state(0) == first
    tab.focus("[aria-label='Position in training']")
    tab.keyboard.press("End")
    page.wait("actlabPlay.player.index > 8 && actlabPlay.player.shown.state === actlabPlay.player.index")
    tab.keyboard.press("Home")
    page.wait("actlabPlay.player.shown.state === 0")
    assert page.state(stopped) == seen
    tab.focus(".boundary")
    tab.keyboard.press("Space")
    page.wait("actlabPlay.player.playing")
    tab.keyboard.press("Home")
    page.wait("!actlabPlay.player.playing && actlabPlay.player.index === 0")
    for speed in ("slow", "fast", "normal"):
        tab.click(f"[data-speed={speed}]")
        page.wait(f"actlabPlay.player.speed === '{speed}'")
        assert tab.get_attribute(f"[data-speed={speed}]", "aria-pressed") == "true"
        DRIVEN.add(f"time: {speed}")
    DRIVEN.update(f"time: {name}" for name in (
        "Roll new first weights for both nets", "play or pause", "One state on", "One state back",
        "Back to the same first weights", "Position in training",
    ))  # fmt: skip


def test_panels(page):
    """Each says by key and by mouse what it shows now; the boundaries and the loss also what is pointed at."""
    tab = page.tab
    page.state(30)
    tab.mouse.move(0, 0)
    panels = tab.locator(".panel")
    assert panels.count() == 2 * len(PANELS) + len(SHARED)
    for k in range(panels.count()):
        panel = panels.nth(k)
        panel.focus()
        page.wait("document.querySelector('.explain .moment').textContent.length > 20")
        title = panel.evaluate("e => document.getElementById(e.getAttribute('aria-labelledby')).textContent")
        assert tab.locator(".explain strong").text_content() == title
        assert len(panel.evaluate("e => document.getElementById(e.getAttribute('aria-describedby')).textContent")) > 40
        side = panel.evaluate("e => e.matches('.arm0') ? 'left' : e.matches('.arm1') ? 'right' : 'page'")
        DRIVEN.add(f"{side}: {title}")
    for side in (0, 1):
        tab.hover(f".boundary.arm{side} canvas", position={"x": 60, "y": 90})
        page.wait("document.querySelector('.explain .moment').textContent.includes('probability')")
        page.wait("actlabPlay.signals?.length === 2")
        signals = page.get("actlabPlay.signals.map((one) => one.a.length)")
        assert signals == [len(page.get(f"actlabPlay.run.run.{one}.hidden")) + 1 for one in ("left", "right")]
        tab.focus(f".boundary.arm{side}")
        before = page.get("actlabPlay.player.point")
        tab.keyboard.press("ArrowRight")
        page.wait(f"actlabPlay.player.point[0] > {before[0]}")
        tab.hover(f".net.arm{side} canvas", position={"x": 150, "y": 32})
    tab.hover(".loss canvas", position={"x": 150, "y": 60})
    page.wait("document.querySelector('.explain .moment').textContent.includes('At epoch')")
    for k, name in enumerate(("fresh points", "training points")):
        tab.click(f".loss .tab:has-text('{name}')")
        assert page.get("actlabPlay.curveColumn") == (2 if k == 0 else 0)
        DRIVEN.add(f"page: {name}")


def test_points_of_one_s_own(page):
    tab = page.tab
    tab.click(".data[title=Draw]")
    names = ("Draw points with", "● 0", "◆ 1", "Clear", "Use these points", "Close")
    found = controls(page, "pen")
    assert len(found) == len(names)
    assert all(any(name.startswith(f"pen: {one}") for one in names) for name in found)
    DRIVEN.update(found)
    tab.click("dialog.pen button:has-text('Close')")
    page.wait("!document.querySelector('dialog')")
    tab.click(".data[title=Draw]")
    pad = tab.locator(".pad")
    box = pad.bounding_box()

    def line(row):
        tab.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * row)
        tab.mouse.down()
        tab.mouse.move(box["x"] + box["width"] * 0.85, box["y"] + box["height"] * row, steps=24)
        tab.mouse.up()

    line(0.5)
    tab.click("dialog.pen >> text=Clear")
    assert tab.locator("dialog.pen >> text=0 points").count() == 1
    line(0.3)
    tab.click("dialog.pen [data-class='1']")
    line(0.7)
    tab.click("dialog.pen [data-class='0']")
    tab.keyboard.down("Shift")
    line(0.8)
    tab.keyboard.up("Shift")
    pad.focus()
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("Space")
    run = page.anew(lambda: tab.click("text=Use these points"))
    assert run["data"] == "drawn"
    assert "drawn=" in page.get("location.hash")
    rows = {round(y, 2): k for x, y, k in run["drawn"]}
    assert [rows[y] for y in sorted(rows)] == [1, 1, 0, 0]  # up: the two lines of class 1, the key's, the first
    assert run["drawn"][-1] == [0, 0.12, 0]
    DRIVEN.add("data: Draw")


def csv_text(rows=60):
    """Two columns of numbers that tell three kinds apart, beside text and a number that is not asked for."""
    draw = random.Random(3)
    lines = ["name,length,width,weight,kind"]
    for k in range(rows):
        length = round(draw.gauss(k % 3, 0.4) * 10 + 50, 2)
        lines.append(f"n{k},{length},{draw.gauss(3, 1):.3f},{draw.random():.3f},{'abc'[k % 3]}")
    return "\n".join([*lines, ",,1.5,0.1,a", ""])


def test_a_file_of_one_s_own(page):
    tab = page.tab
    page.get("""() => {
        const { send } = actlabPlay.channel;
        window.sent = [];
        actlabPlay.channel.send = (message) => { sent.push(message); send(message); };
    }""")
    tab.click(".data[title=CSV]")
    files = tab.locator("dialog.own input[type=file]")
    for name, content, why in (
        ("large.csv", b"a,b,c\n" + b"1,2,3\n" * 11_000, "67 KB"),
        ("korean.csv", "가,나,다\n1,2,3\n".encode("euc-kr"), "UTF-8"),
        ("text.csv", b"a,b,c\n" + b"x,y,1\nx,z,2\n" * 12, "two columns of numbers"),
        ("none.csv", b"a,b\n" + b"".join(b"%d.5,%d.25\n" % (k, k * k) for k in range(30)), "no column to be predicted"),
    ):
        files.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
        page.wait(f"document.querySelector('dialog.own .notice').textContent.includes('{why}')")
        assert tab.locator("dialog.own >> text=Learn these points").is_disabled()
    assert [one["name"] for one in page.get("sent")] == ["text.csv", "none.csv"]  # the others were not even sent
    files.set_input_files({"name": "kinds.csv", "mimeType": "text/csv", "buffer": csv_text().encode()})
    page.wait("!document.querySelector('dialog.own .chosen').hidden")
    assert not tab.locator("dialog.own .notice").is_visible()
    assert "60 rows. 1 rows with missing" in tab.locator("dialog.own .chosen p").text_content()
    names = ("Choose a file, or drop it here", "Across", "Up", "Predict", "Class ◆", "Learn these points", "Close")
    assert controls(page, "file") == {f"file: {name}" for name in names}
    DRIVEN.update(controls(page, "file"))
    for name, value, key in (("Up", "weight", "y"), ("Across", "width", "x"), ("Across", "length", "x")):
        control(page, f"file: {name}").select_option(value)
        page.wait(f"actlabPlay.file.found.own.{key} === '{value}'")
    control(page, "file: Class ◆").select_option("a")
    page.wait("actlabPlay.file.found.own.classes[1] === 'a'")
    control(page, "file: Predict").select_option("kind")
    page.wait("actlabPlay.file.found.values.length === 3")
    tab.click("dialog.own >> text=Close")
    page.wait("!document.querySelector('dialog')")
    tab.click(".data[title=CSV]")  # what was read is there still
    run = page.anew(lambda: tab.click("dialog.own >> text=Learn these points"))
    rows = [line.split(",") for line in csv_text().splitlines()[1:61]]
    assert run["own"]["rows"] == [[float(r[1]), float(r[3]), int(r[4] == run["own"]["classes"][1])] for r in rows]
    points = page.get("[...actlabPlay.run.arrays.points]")
    across = points[::2]
    assert len(across) == 34  # 60 rows, less a quarter, less a quarter
    assert abs(sum(across)) / 34 < 1e-5  # standardised by those that are learned from
    assert abs(sum(x * x for x in across) / 34 - 1) < 1e-5
    assert page.get("actlabPlay.run.fresh") == 26
    about = tab.locator(".own-about").text_content()
    assert all(word in about for word in ("kinds.csv", "length across", "weight up", "all others"))
    assert page.anew(lambda: tab.click("[aria-label='Split the rows anew']"))["draw"] == run["draw"] + 1
    assert page.get("[...actlabPlay.run.arrays.points]") != points
    hash_ = page.get("location.hash")
    assert "data=own" in hash_
    assert "length" not in hash_
    DRIVEN.update(("data: CSV", "data: Split the rows anew"))
    again = Page(tab.context, f"{tab.url.partition('#')[0]}{hash_}")
    again.ready(0)
    assert "not in the link" in again.tab.locator(".notice").text_content()
    assert again.get("actlabPlay.run.run.data") == "moons"
    assert again.get("actlabPlay.run.run.left") == run["left"]
    transfer = again.tab.evaluate_handle(
        "(text) => { const t = new DataTransfer(); t.items.add(new File([text], 'dropped.csv')); return t; }",
        csv_text(),
    )
    again.tab.dispatch_event(".headline", "drop", {"dataTransfer": transfer})
    again.wait("actlabPlay.file?.found?.own.name === 'dropped.csv'")
    again.tab.keyboard.press("Escape")
    assert again.said == []
    again.tab.close()


def test_menus_language_and_theme(page):
    tab = page.tab
    page.anew(lambda: tab.click(".data[title=Moons]"))
    page.state(3)
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.click("text=Share")
    page.wait("document.querySelector('nav').textContent.includes('Link copied')")
    link = page.get("navigator.clipboard.readText()")
    assert "token" not in link
    run = page.get("actlabPlay.run.run")
    again = Page(tab.context, link)
    again.wait("window.actlabPlay?.player.shown?.state === 3")
    assert again.get("actlabPlay.run.run") == run
    assert again.get("[...actlabPlay.player.shown.arrays['right.map']]") == page.state(3)
    again.get("actlabPlay.channel.close()")  # the server is gone
    again.wait("document.querySelector('.notice button')")
    assert "notice: Try again" in controls(again)
    again.tab.click(".notice button")
    again.tab.wait_for_load_state()
    again.wait("window.actlabPlay?.player.shown")
    assert again.said == []
    again.tab.close()
    page.speak("ko")
    assert page.get("actlabPlay.run.run") == run
    page.speak("en")
    look = "getComputedStyle(document.querySelector('.actlab-play')).backgroundColor"
    paper = page.get(look)
    tab.click("[aria-label='Light or dark']")
    assert page.get(look) != paper
    tab.click("[aria-label='Light or dark']")
    assert page.get(look) == paper
    tab.focus(".skip")
    tab.keyboard.press("Enter")
    assert page.get("document.activeElement.id") == "play-stage"
    page.wait("document.querySelector('nav > button').textContent === 'Share'")
    page.anew(lambda: tab.click(".data[title=Moons]"))
    names = ("Share", "한국어", "Light or dark", "Skip to the nets")
    DRIVEN.update(["notice: Try again", *(f"page: {name}" for name in names)])


def test_a_lesson(page):
    tab = page.tab
    lessons = page.get("actlabPlay.lessons")
    page.anew(
        lambda: (
            tab.click("summary:has-text('Lessons')"),
            tab.click(f".sheet button:has-text('{lessons[0]['title']}')"),
        )
    )
    assert tab.locator(".lesson summary").text_content() != "Show the answer"  # who has not tried is told to
    tab.focus(".lesson summary")
    tab.keyboard.press("Space")
    assert page.get("!actlabPlay.player.playing && document.querySelector('.lesson details').open")
    assert tab.locator(".lesson details p").is_visible()
    page.wait("actlabPlay.player.available > 1")
    page.get("actlabPlay.player.seek(1)")
    page.wait("document.querySelector('.lesson summary').textContent === 'Show the answer'")
    for k, one in enumerate(lessons[0]["tries"]):
        assert page.anew(lambda k=k: tab.click(f".tries button >> nth={k}")) == one["run"]
    page.anew(lambda: tab.click(".lesson button:has-text('→')"))
    assert tab.locator(".lesson h2").text_content() == lessons[1]["title"]
    page.wait("actlabPlay.player.available > 1")
    page.get("actlabPlay.player.seek(1)")
    page.wait("document.querySelector('.lesson summary').textContent === 'Show the answer'")
    names = ("Close the lesson", "Show the answer", "a change to try", "Set it up", "←", "→")
    assert controls(page, "lesson") == {f"lesson: {name}" for name in names}
    page.anew(lambda: tab.click(".lesson button:has-text('←')"))
    assert tab.locator(".lesson h2").text_content() == lessons[0]["title"]
    run = page.anew(lambda: tab.click(".lesson button:has-text('Set it up')"))
    assert run == lessons[0]["run"]
    DRIVEN.update(controls(page, "lesson"), ("lesson: Show the answer", "page: Lessons", "menu: a lesson"))
    tab.click(".closing")
    assert tab.locator(".lesson").count() == 0


def test_saving(page, tmp_path):
    """What is saved is tested in test_play_browser; here, that each entry of the menu gives its file."""
    tab = page.tab
    page.ready(0)
    kinds = {
        "Picture (PNG)": "png",
        "Loss curves (SVG)": "svg",
        "Settings and numbers (JSON)": "json",
        "Recording (HTML)": "html",
    }
    for name, suffix in kinds.items():
        tab.click("summary:has-text('Save')")
        with tab.expect_download() as waiting:
            tab.click(f".sheet button:has-text('{name}')")
        assert waiting.value.suggested_filename.endswith(suffix)
        page.wait("!document.querySelector('details.menu[open]')")
        DRIVEN.add(f"menu: {name}")
    DRIVEN.add("page: Save")


def test_no_control_is_left_out(page):
    """Run by itself this fails: it looks at what the tests above have driven."""
    found = controls(page)
    assert len(found) > 55
    assert found - DRIVEN == set()
