"""The page's one ES module and one style sheet, put together from `static/` as they are: no build step.

Modules import from one another by relative paths only and export what they declare; put behind one another in the
order of their imports, without these two words, they are one module. Names at the top are therefore unique over all
files (a test sees to it).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from posixpath import dirname, join, normpath

from actlab.report import palette

_IMPORT = re.compile(r"^import\s+\{[^}]*\}\s+from\s+\"(\.[^\"]+)\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export\s+(?=(?:async\s+)?(?:function|const|let|class)\b)", re.MULTILINE)


def source(path: str) -> str:
    """A file of `static/`."""
    return files("actlab.play").joinpath("static", path).read_text(encoding="utf-8")


def order(entry: str = "main.js") -> list[str]:
    """The modules that `entry` needs, each behind those that it imports; itself last."""
    found: list[str] = []

    def visit(path: str) -> None:
        for other in _IMPORT.findall(source(path)):
            inner = normpath(join(dirname(path), other))
            if inner not in found:
                visit(inner)
        if path not in found:
            found.append(path)

    visit(entry)
    return found


@cache
def module(entry: str = "main.js") -> str:
    """One ES module: ``export default {render}``, as a notebook's widget wants it, and ``render`` for a page."""
    parts = []
    for path in order(entry):
        text = _EXPORT.sub("", _IMPORT.sub("", source(path)))
        parts.append(f"// --- {path}\n{text}")
    return "\n".join(parts)


@cache
def style() -> str:
    """The style sheet, with the colours of our reports in both themes."""
    light, dark = palette.variables(palette.LIGHT, palette.TYPE), palette.variables(palette.DARK)
    themes = (
        f".actlab-play{{{light}color-scheme:light}}\n"
        f"@media (prefers-color-scheme:dark){{.actlab-play:not([data-theme=light]){{{dark}color-scheme:dark}}}}\n"
        f".actlab-play[data-theme=dark]{{{dark}color-scheme:dark}}\n"
    )
    return themes + source("style.css")


def document(lang: str, title: str, head: str, body: str) -> str:
    """The page around the module. `head` and `body` are ours."""
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{title}</title>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
