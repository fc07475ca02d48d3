"""What an activation is: an expression, its derivative, its facts, its program for the core."""

from actlab.functions import vector
from actlab.functions.activation import Activation, get
from actlab.functions.build import bind
from actlab.functions.catalogue import Builtin, builtins, find, names
from actlab.functions.catalogue.frameworks import qualified_names
from actlab.functions.compile import compile_both, compile_derivative, compile_value
from actlab.functions.derivative import derivative
from actlab.functions.expression import Call, Expression, Number, Parameter, Variable
from actlab.functions.facts import Facts
from actlab.functions.latex import to_latex
from actlab.functions.moments import gaussian_mean
from actlab.functions.parser import parse
from actlab.functions.printing import to_text, to_unicode
from actlab.functions.program import OPERATIONS, Program

__all__ = [
    "OPERATIONS",
    "Activation",
    "Builtin",
    "Call",
    "Expression",
    "Facts",
    "Number",
    "Parameter",
    "Program",
    "Variable",
    "bind",
    "builtins",
    "compile_both",
    "compile_derivative",
    "compile_value",
    "derivative",
    "find",
    "gaussian_mean",
    "get",
    "names",
    "parse",
    "qualified_names",
    "to_latex",
    "to_text",
    "to_unicode",
    "vector",
]
