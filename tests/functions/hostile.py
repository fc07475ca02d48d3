"""Text that nobody should send, and somebody will: none of it may run, hang, or end in a traceback."""

_ROUNDS = "(" * 60 + "x" + ")" * 60

#: Python that must stay text. Each is refused with a sentence.
INJECTIONS = (
    "__import__('os').system('echo pwned')", "__import__('os')", "eval('1')", "exec('x=1')",
    "open('/etc/passwd').read()", "compile('x','','eval')", "globals()", "locals()", "vars()",
    "dir()", "getattr(x, '__class__')", "x.__class__", "x.__class__.__mro__[1].__subclasses__()",
    "().__class__.__bases__[0]", "[c for c in ().__class__.__base__]", "lambda: x",
    "(lambda x: x)(x)", "lambda x: x", "[x for x in range(10)]", "{x for x in x}", "{**x}", "*x",
    "**x", "f'{x}'", "f'{__import__(\"os\")}'", "{x.__class__}", "{0.__class__}", "{x!r:>{x}}",
    "%(x)s", "%s%s%s%n", "$(id)", "`id`", "; rm -rf /", "x; import os", "x\nimport os",
    "x # comment", "x // 2", "x % 2", "x @ x", "x := 3", "(y := x)", "x if x else x", "x and x",
    "not x", "x is x", "x in x", "~x", "x & x", "x | x", "x << 1000000000", "1 << 9**9", "await x",
    "yield x", "print(x)", "exit()", "quit()", "input()", "breakpoint()", "help()", "id(x)",
    "type(x)", "int(x)", "np.exp(x)", "math.exp(x)", "torch.relu(x)", "x.real", "x[0]", "x[:]",
    "x['a']", "'x'", '"x"', "'''x'''", "b'x'", "r'x'", "1if x else 2", "0x10*x", "0b11*x", "0o17*x",
    "1_000*x", "1j*x", "x + 1j", "None", "True", "False", "Ellipsis", "...",
    "<script>alert(1)</script>", "<x", "x>", "\" onload=\"x", "&lt;x&gt;", "\\x41", "\\", "x\\",
    "${x}", "#{x}", "{{x}}", "{}", "{", "}", "{0}", "{name}", "{place}", "x{place}",
    "{place:은/는}", "%", "%d", "relu{x}", "torch:{x}", "torch:__import__", "keras:../../x",
    "../../../etc/passwd", "file:///etc/passwd", "torch:", ":", ":relu", "torch:relu:relu",
    "jax:relu(", "torch:LeakyReLU(negative_slope=__import__('os'))",
    "leaky_relu(alpha=__import__('os'))", "leaky_relu(**x)", "leaky_relu(alpha=lambda: 1)",
    "leaky_relu(__class__=1)", "leaky_relu(alpha=[1])", "relu(x)(x)", "relu.x", "@x", "x!",
)  # fmt: skip

#: Letters that look like others, or like nothing.
LOOK_ALIKES = (
    "х", "х + 1", "tаnh(x)", "ехр(x)", "ｘ", "ｒｅｌｕ(x)", "x＋1", "（x）", "１＋x", "x + １",
    "x\u200b", "\u200bx", "re\u200blu(x)", "x\u200d+1", "\ufeffx", "x\ufeff", "\u202ex",
    "x\u202e + 1", "\u2066x\u2069", "x\u00ad+1", "x\u0301", "x\u034f", "x\u2028+ 1", "x\u2029",
    "x\u0085", "x\u000b+1", "x\f+1", "x\u3000+ 1", "x\u2003+ 1", "x\0", "\0", "re\0lu", "relu\0",
    "x\x1b[31m", "\x07x", "x\x08\x08", "x\x7f", "\ud800", "x\udfff", "x\ue000", "x\uffff",
    "x\U0010ffff", "😀", "x😀", "x + 👨‍👩‍👧", "∞", "x∞", "√x", "∑x", "∫x", "ⅹ", "𝐱", "𝑥", "ℯ**x",
    "²x", "x²³⁴⁵⁶" + "⁹" * 310, "xⁿ", "x₁", "½*x", "x′", "|x", "x|", "⌊x⌋", "x≤1", "x≠1", "½", "٣*x", "३*x", "〇", "Ⅷ",
    "시그모이도(x)", "렐류", "활성화 함수", "x의 제곱", "엑스", "하드 탄젠트(x)", "활성",
    "激活函数", "シグモイド", "σ", "Φ x", "ς(x)", "λ*x", "µ", "ﬀ", "ﬁ(x)", "ſin(x)", "ẞ", "İ",
    "tanh\u0131(x)", "ϕ", "ο*x", "Ｘ", "e\u0301", "x\u20dd", "\u0600x", "\u180ex", "x\u2060x",
)  # fmt: skip

#: Large, deep, long, or on their way to be.
BOMBS = (
    "(" * 999 + "x" + ")" * 999, "(" * 1_000_000, "x" * 1_000_000, "-" * 1_999 + "x",
    "x" + "**x" * 98, "x" + "**x" * 660, "exp(" * 99 + "x" + ")" * 99,
    "tanh(" * 99 + "x" + ")" * 99, "tanh(" * 200 + "x" + ")" * 200, "sin(" * 99 + "x" + ")" * 99,
    "mish(" * 99 + "x" + ")" * 99, "mish(" * 6 + "x" + ")" * 6, "gelu(" * 8 + "x" + ")" * 8,
    "selu(" * 20 + "x" + ")" * 20, "x**1000000", "2**9999999", "x + 2**9999999", "9**9**9**9**9",
    "x**9**9**9", "1e999999", "x*1e999999", "1e-999999*x", "9" * 1_990, "x + " + "9" * 1_990,
    "0." + "0" * 1_900 + "1*x", "1e" + "9" * 1_900, "x**" + "9" * 300, "x**-1000000",
    "+".join(f"max(x,{k})" for k in range(150)), "+".join(f"max(x**2,{k})" for k in range(150)),
    "*".join(f"(x-{k})" for k in range(250)), "*".join(f"sin({k}*x)" for k in range(1, 170)),
    "sin(x)*" * 280 + "x", "/".join(["(x+1)"] * 300), "1/(" * 90 + "x" + "+1)" * 90,
    "max(" * 90 + "x" + ",x*x+1)" * 90, "where(x<0," * 90 + "x" + ",x*x)" * 90,
    "where(sin(x)<0," * 60 + "x" + ",x*x)" * 60, "sign(sin(1000*x))*x",
    "+".join(f"sign(sin({k}*x))" for k in range(1, 110)), "abs(" * 45 + "sin(9*x)" + "-0.5)" * 45,
    "+".join(f"where(sin(x*{k})<cos(x),sin(x),x)" for k in range(1, 50)),
    "x**x" + "+x**sin(x)" * 170, "log(" * 90 + "x" + "+3)" * 90,
    "min(max(" * 45 + "sin(x)" + ",-x),x)" * 45, "x/0", "x/(1-1)", "0/0*x", "x*1e308*1e308",
    "1e308*x*10", "exp(710)*x", "exp(exp(exp(x)))", "x**x**x", "abs(x)**abs(x)**abs(x)",
    "1/x/x/x/x/x", "sin(1e308*x)", "sin(exp(x))", "sin(1/x)", "exp(1/x)", "1/sin(x)", "1/(x-x)",
    "log(x)*0", "x*0", "log(-1)*x", "sqrt(-1)*x", "(-8)**(1/3)*x", "leaky_relu(alpha=" * 100,
    "leaky_relu(alpha=1e308)", "swish(beta=1e308)", "x + " * 499 + "x", _ROUNDS * 16,
    " " * 1_999 + "x", " " * 100_000, "\n" * 1_999 + "x", "_" * 2_000, "π" * 2_000, "x," * 1_000,
    "=" * 2_000, "." * 2_000, "x.x" * 600, "1.2.3" * 400, "e" * 2_000,
    "clip(" * 90 + "x" + ",-1,1)" * 90, "where(" * 90, ")" * 2_000,
)  # fmt: skip

HOSTILE = (*INJECTIONS, *LOOK_ALIKES, *BOMBS)
