"""Going through the tokens of a formula, one after the other; what the grammar's rules are told in."""

from typing import Final, NoReturn

from actlab.functions.tokens import Token, tokens
from actlab.text import UserError

#: Signs of comparisons, and the primitives that they mean.
COMPARE: Final = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}


class Cursor:
    """A place among the tokens of `text`.

    Attributes:
        tokens: of the whole text; the last is of kind ``end``, and no rule takes it.
        at: the place of the token that comes next, from 0.

    Raises:
        UserError: at a character that no formula contains.
    """

    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.at = 0

    @property
    def now(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.at]

    def take(self) -> Token:
        """The token that comes next, which is then behind the cursor."""
        token = self.now
        self.at += 1
        return token

    def accept(self, sign: str) -> bool:
        """Whether `sign` comes next; then it is taken."""
        if self.now.kind == "sign" and self.now.text == sign:
            self.at += 1
            return True
        return False

    def close(self) -> None:
        """Take the closing bracket that must come next."""
        if not self.accept(")"):
            self.misplaced()

    def misplaced(self) -> NoReturn:
        """The sentence for a token that cannot follow a complete value."""
        token, before = self.now, self.tokens[self.at - 1]
        if token.kind == "end":
            raise UserError("functions.missing_bracket", place=token.place)
        if token.text == ")":
            raise UserError("functions.stray_bracket", place=token.place)
        if token.text in COMPARE or token.text == "=":
            raise UserError("functions.comparison_outside", sign=token.text, place=token.place)
        if token.text == "if":
            raise UserError("functions.conditional", place=token.place)
        if token.kind != "sign" or token.text == "(":
            raise UserError("functions.no_sign", left=before.text, right=token.text, place=token.place)
        raise UserError("functions.unexpected", found=token.text, place=token.place)
