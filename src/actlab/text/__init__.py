"""Every sentence a user reads, in English and Korean.

No sentence stands in code. `tr("data.unknown", name="x")` looks up ``unknown`` in ``locale/<lang>/data.toml``;
the first part of a key names the file, the rest the (nested) entry. Errors meant for a user are `UserError`.
"""

from actlab.text._errors import UserError, nearest
from actlab.text._language import LANGUAGES, current_language, set_language, use_language
from actlab.text._numbers import integer, number, percent, points
from actlab.text._translate import keys, tr

__all__ = [
    "LANGUAGES",
    "UserError",
    "current_language",
    "integer",
    "keys",
    "nearest",
    "number",
    "percent",
    "points",
    "set_language",
    "tr",
    "use_language",
]
