"""Colours, dashes and markers: every arm differs in all three, so that no reader depends on colour alone.

The hues are Okabe and Ito's (Color Universal Design, 2008), darkened for the light page and lightened for the dark one
until text in them reaches a contrast of 4.5 : 1 against the page (a test measures it).
"""

LIGHT = {
    "paper": "#fbfaf6",
    "card": "#f3f1ea",
    "ink": "#1d1f23",
    "soft": "#595e67",
    "rule": "#dedbd1",
    "class-0": "#5b4aa3",
    "class-1": "#96610a",
    "arm-0": "#0067a3",
    "arm-1": "#b54500",
    "arm-2": "#00735a",
    "arm-3": "#9b3f7c",
    "arm-4": "#776000",
    "arm-5": "#7a4b35",
    "arm-6": "#565a61",
}
DARK = {
    "paper": "#14161a",
    "card": "#1d2026",
    "ink": "#e9e6df",
    "soft": "#a9adb5",
    "rule": "#363a42",
    "class-0": "#ab9ef2",
    "class-1": "#efb440",
    "arm-0": "#5cb6f0",
    "arm-1": "#ff8d50",
    "arm-2": "#35c79c",
    "arm-3": "#e491c5",
    "arm-4": "#dfc344",
    "arm-5": "#cfa48d",
    "arm-6": "#b6babf",
}
# The letters of pages and playground, as CSS variables.
TYPE = {
    "sans": "system-ui,-apple-system,'Segoe UI',Roboto,'Apple SD Gothic Neo','Malgun Gothic','Noto Sans KR',"
    "'Noto Sans CJK KR',NanumGothic,'Helvetica Neue',Arial,sans-serif",
    "serif": "'Iowan Old Style','Palatino Linotype',Palatino,'Source Serif 4','Noto Serif',Georgia,serif",
    "mono": "ui-monospace,SFMono-Regular,Menlo,Consolas,'D2Coding','Noto Sans Mono',monospace",
}
HUES = sum(name.startswith("arm-") for name in LIGHT)
DASHES = ("", "7 3", "2 3", "9 3 2 3", "5 2 1 2 1 2", "12 4", "1 4")
MARKERS = ("circle", "square", "triangle", "diamond", "plus", "cross", "ring")

# The two classes as tints of the probability map. They are see-through, so that one picture serves both themes.
TINTS = ((111, 92, 196), (226, 160, 34))
# Of more classes the further ones: in the hues of `.k2` … `.k6`.
MORE_TINTS = ((0, 130, 102), (172, 70, 138), (0, 115, 182), (200, 76, 0), (96, 100, 108))
# The colours of the points of classes 0, 1, …
CLASS_INKS = ("class-0", "class-1", "arm-2", "arm-3", "arm-0", "arm-1", "arm-6")
# Shares of units: the colour of words, as opaque as the state is grave.
AREAS = {"dead": 0.84, "saturated": 0.42, "linear": 0.2, "active": 0.06}
# Hues and shapes come round after 7 and 5, so that 35 classes differ in one or the other; a shape and its small form.
CLASS_HUES = len(CLASS_INKS)
CLASS_MARKS = (("circle", "dot"), ("diamond", "gem"), ("triangle", "spike"), ("square", "tile"), ("plus", "twig"))


def variables(*tables: dict[str, str]) -> str:
    """Tables of colours or letters as declarations of CSS variables."""
    return "".join(f"--{name}:{value};" for table in tables for name, value in table.items())


def class_hue(number: int) -> str:
    """The CSS class that gives the points of a class their colour."""
    return f"k{number % CLASS_HUES}"


def class_mark(number: int) -> tuple[str, str]:
    """The shape of a class in a legend, and among many points."""
    return CLASS_MARKS[number % len(CLASS_MARKS)]


def named(ink: str) -> str:
    """The name in `LIGHT` and `DARK` of the colour that a drawing calls `ink`: ``c3``, ``k1``, ``ci``, ``dead``."""
    if ink[0] in "ck" and ink[1:].isdigit():
        return f"arm-{ink[1:]}" if ink[0] == "c" else CLASS_INKS[int(ink[1:])]
    return "ink"


def hue(arm: int) -> str:
    """The CSS class that gives the `arm`-th arm its colour."""
    return f"c{arm % HUES}"


def dash(arm: int) -> str:
    """The dash pattern of the `arm`-th arm; after the last hue the patterns shift, so that pairs stay distinct."""
    return DASHES[(arm + arm // HUES) % len(DASHES)]


def marker(arm: int) -> str:
    """The marker of the `arm`-th arm."""
    return MARKERS[(arm + arm // HUES) % len(MARKERS)]
