"""What a reader of data must know about them, said in either language."""

from dataclasses import dataclass

from actlab.text import tr

__all__ = ["Note"]


@dataclass(frozen=True)
class Note:
    """A sentence: its key and what fills it."""

    key: str
    values: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, key: str, **values: object) -> "Note":
        """The note `key` filled with `values`."""
        return cls(key, tuple(values.items()))

    def message(self, lang: str | None = None) -> str:
        """The sentence in `lang`, by default in the current language."""
        return tr(self.key, lang, **dict(self.values))

    def __str__(self) -> str:
        return self.message()
