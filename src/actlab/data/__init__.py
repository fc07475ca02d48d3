"""What nets learn: generators of fresh points, the article's fixed split, a user's own arrays."""

from actlab.data.arrays import Arrays
from actlab.data.article import Article
from actlab.data.circles import Circles
from actlab.data.moons import Moons
from actlab.data.neighbours import margin_by_neighbours
from actlab.data.pair import Pair, near_and_far
from actlab.data.resolve import GENERATORS, NAMES, resolve
from actlab.data.sample import Draw, Sample
from actlab.data.source import Source
from actlab.data.spiral import Spiral
from actlab.data.xor import Xor

__all__ = [
    "GENERATORS",
    "NAMES",
    "Arrays",
    "Article",
    "Circles",
    "Draw",
    "Moons",
    "Pair",
    "Sample",
    "Source",
    "Spiral",
    "Xor",
    "margin_by_neighbours",
    "near_and_far",
    "resolve",
]
