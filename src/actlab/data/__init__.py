"""What nets learn: generators of fresh points, the article's split, well-known sets, a user's own arrays and files."""

from actlab.data.arms import Arms
from actlab.data.article import Article
from actlab.data.blobs import Blobs
from actlab.data.bundled import BUNDLED
from actlab.data.checkerboard import Checkerboard
from actlab.data.circles import Circles
from actlab.data.moons import Moons
from actlab.data.neighbours import margin_by_neighbours
from actlab.data.notes import Note
from actlab.data.pair import Pair, near_and_far
from actlab.data.regression import Absolute, Curve, NoisySine, Polynomial, Sine, Step, Surface
from actlab.data.resolve import GENERATORS, NAMES, is_file, resolve
from actlab.data.sample import Draw, Sample
from actlab.data.sequences import Adding, Recall, Sequence
from actlab.data.source import Source
from actlab.data.spiral import Spiral
from actlab.data.table import Table
from actlab.data.xor import Xor

__all__ = [
    "BUNDLED",
    "GENERATORS",
    "NAMES",
    "Absolute",
    "Adding",
    "Arms",
    "Article",
    "Blobs",
    "Checkerboard",
    "Circles",
    "Curve",
    "Draw",
    "Moons",
    "NoisySine",
    "Note",
    "Pair",
    "Polynomial",
    "Recall",
    "Sample",
    "Sequence",
    "Sine",
    "Source",
    "Spiral",
    "Step",
    "Surface",
    "Table",
    "Xor",
    "is_file",
    "margin_by_neighbours",
    "near_and_far",
    "resolve",
]
