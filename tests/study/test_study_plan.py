"""A plan is checked before anything is trained, and its command line makes it again."""

import json
import math
import re
import shlex

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_factory import own_arrays

import actlab
from actlab import cli, study
from actlab.data import Moons
from actlab.study import DEFAULT_RATES, make_plan
from actlab.study.provenance import command_of
from actlab.text import UserError, keys

NAN, INF = float("nan"), float("inf")
# (settings, the key of the sentence, words that it must hold in either language)
WRONG = [
    ({"activations": []}, "study.no_arms", ()),
    ({"activations": ["relu", "tanh", "relu"]}, "study.arm_twice", ("relu",)),
    ({"activations": ["relu", " ReLU "]}, "study.arm_twice", ("relu",)),
    ({"activations": None}, "functions.not_text", ("NoneType",)),
    ({"activations": 5}, "functions.not_text", ("int",)),
    ({"activations": ["relu", 5]}, "functions.not_text", ("int",)),
    ({"activations": "rleu"}, "functions.unknown_name_near", ("rleu", "relu")),
    ({"data": "mons"}, "data.unknown_near", ("mons", "moons")),
    ({"data": "moons:article", "test_points": 500}, "data.fixed", ("n_test", "moons:article")),
    ({"data": own_arrays(), "noise": 0.1}, "data.fixed", ("noise",)),
    ({"hidden": 0}, "study.whole_number", ("hidden", "0", "4,096")),
    ({"hidden": (8, 0)}, "study.whole_number", ("hidden", "0")),
    ({"hidden": (8, True)}, "study.whole_number", ("hidden", "True")),
    ({"hidden": 4097}, "study.whole_number", ("hidden", "4097")),
    ({"hidden": [None]}, "study.whole_number", ("hidden", "None")),
    ({"hidden": 8.0}, "study.whole_number", ("hidden", "8.0")),
    ({"hidden": "8,8"}, "study.whole_number", ("hidden", "'8,8'")),
    ({"hidden": [[8]]}, "study.whole_number", ("hidden", "[8]")),
    ({"hidden": ()}, "study.hidden_layers", ("0", "512")),
    ({"hidden": [2] * 513}, "study.hidden_layers", ("513", "512")),
    ({"seeds": 0}, "study.seeds", ("seeds", "0", "1,000,000")),
    ({"seeds": -5}, "study.seeds", ("seeds", "-5")),
    ({"seeds": 10**9}, "study.seeds", ("seeds", "1000000000")),
    ({"seeds": True}, "study.seeds", ("seeds", "True")),
    ({"seeds": 8.0}, "study.seeds", ("seeds", "8.0")),
    ({"seeds": "many"}, "study.seeds", ("seeds", "'many'", "auto")),
    ({"seeds": None}, "study.seeds", ("seeds", "None")),
    ({"seeds": "auto", "until": 0}, "study.width", ("until", "0.001", "0")),
    ({"seeds": "auto", "until": 1.5}, "study.width", ("until", "1.5")),
    ({"seeds": "auto", "until": math.nan}, "study.width", ("until", "nan")),
    ({"seeds": "auto", "until": "narrow"}, "study.width", ("until", "'narrow'")),
    ({"seeds": "auto", "until": True}, "study.width", ("until", "True")),
    ({"seeds": "auto", "most": 63}, "study.whole_number", ("most", "64", "63")),
    ({"seeds": "auto", "most": 10**7}, "study.whole_number", ("most", "1,000,000")),
    ({"seeds": 64, "until": 0.05}, "study.only_auto", ("until", "auto")),
    ({"most": 512}, "study.only_auto", ("most", "auto")),
    ({"seeds": "auto", "most": 10**6}, "study.too_many_nets", ("2,000,160", "1,000,000")),
    ({"seeds": "auto", "most": 200_000, "learning_rates": 0.1}, "study.too_much_memory", ("8",)),
    ({"epochs": 0}, "study.whole_number", ("epochs", "0")),
    ({"epochs": NAN}, "study.whole_number", ("epochs", "nan")),
    ({"batch_size": 0}, "study.whole_number", ("batch_size", "0")),
    ({"threads": -1}, "study.whole_number", ("threads", "-1")),
    ({"learning_rates": ()}, "study.no_rates", ("0.05",)),
    ({"learning_rates": 0}, "study.bad_rate", ("0",)),
    ({"learning_rates": -0.1}, "study.bad_rate", ("-0.1",)),
    ({"learning_rates": (0.1, NAN)}, "study.bad_rate", ("nan",)),
    ({"learning_rates": INF}, "study.bad_rate", ("inf",)),
    ({"learning_rates": True}, "study.bad_rate", ("True",)),
    ({"learning_rates": "0.05"}, "study.bad_rate", ("'0.05'",)),
    ({"learning_rates": object}, "study.bad_rate", ("object",)),
    ({"learning_rates": 1e-60}, "study.bad_rate", ("1e-60",)),  # 0 in single precision
    ({"learning_rates": 1e39}, "study.bad_rate", ("1e+39",)),  # infinite in single precision
    ({"seeds": 1}, "study.one_seed", ("2",)),
    ({"seeds": 10**6}, "study.too_many_nets", ("5,000,000", "1,000,000")),
    ({"seeds": 200_000, "learning_rates": 0.1}, "study.too_much_memory", ("8",)),
    ({"hidden": [4096] * 512, "learning_rates": 0.1}, "study.too_much_memory", ("GiB",)),
    ({"data": "adding", "geometry_seeds": 3}, "study.no_geometry", ("adding", "geometry_seeds")),
    ({"data": "adding", "norm": "batch"}, "nets.recurrent_plain", ("norm", "residual")),
    ({"data": "recall:20", "residual": 1, "hidden": (4, 4)}, "nets.recurrent_plain", ("norm", "residual")),
    ({"data": "adding", "activations": ["tanh", "relu [norm=layer]"]}, "nets.recurrent_plain", ("norm",)),
    ({"data": "adding:1000", "seeds": 3000}, "study.too_much_memory", ("GiB",)),
    ({"norm": "bach"}, "nets.unknown_choice_near", ("norm", "bach", "batch")),
    ({"norm": 3}, "nets.unknown_choice", ("norm", "3", "layer")),
    ({"schedule": "linear"}, "nets.unknown_choice", ("schedule", "linear", "cosine")),
    ({"optimiser": "adamm"}, "nets.unknown_choice_near", ("adamm", "adam")),
    ({"optimiser": 0.9}, "nets.unknown_choice", ("0.9", "momentum")),
    ({"optimiser": "momentum(1)"}, "nets.below_one", ("beta", "1")),
    ({"optimiser": "momentum(0.9, 0.8)"}, "nets.bad_number", ("momentum(0.9, 0.8)", "0.8", "beta")),
    ({"optimiser": "adam(beta3=0.8)"}, "nets.bad_number", ("beta3=0.8", "beta1, beta2, epsilon")),
    ({"optimiser": "adam(much)"}, "nets.bad_number", ("much",)),
    ({"optimiser": "adam(epsilon=0)"}, "nets.positive", ("epsilon", "0")),
    ({"optimiser": "sgd(0.9)"}, "nets.bad_number", ("sgd(0.9)",)),
    ({"residual": -1}, "study.whole_number", ("residual", "-1")),
    ({"residual": 1, "hidden": (8, 4)}, "study.residual_nowhere", ("1", "8, 4")),
    ({"residual": 3}, "study.residual_nowhere", ("3", "8, 8")),
    ({"warm_up": 1.5}, "study.whole_number", ("warm_up", "1.5")),
    ({"warm_up": 40, "epochs": 8}, "study.long_warm_up", ("40", "40")),
    ({"weight_decay": -1}, "study.positive", ("weight_decay", "-1")),
    ({"weight_decay": NAN}, "study.positive", ("weight_decay", "nan")),
    ({"clip": 0}, "study.positive", ("clip", "0")),
    ({"clip": "1"}, "study.positive", ("clip", "'1'")),
    ({"target_loss": 0}, "study.positive", ("target_loss", "0")),
    ({"target_loss": INF}, "study.positive", ("target_loss", "inf")),
    ({"checkpoints": 1}, "study.whole_number", ("checkpoints", "1")),
    ({"geometry_seeds": -1}, "study.whole_number", ("geometry_seeds", "-1")),
    ({"norm": "batch", "batch_size": 1}, "nets.batch_of_one", ("1",)),
    ({"activations": "relu [norm=bach]"}, "nets.unknown_choice_near", ("bach", "batch")),
    ({"activations": "relu [clip=much]"}, "study.positive", ("clip", "'much'")),
    ({"activations": "relu [nrm=batch]"}, "study.unknown_setting_near", ("nrm", "norm")),
    ({"activations": "relu [dropout=0.5]"}, "study.unknown_setting", ("dropout", "norm")),
    ({"activations": "relu [norm]"}, "study.unreadable_arm", ("norm", "relu [norm]")),
    ({"activations": "relu [norm=batch"}, "study.unclosed_arm", ("“relu [norm=batch]”",)),
    ({"activations": "relu norm=batch]"}, "study.arm_form", ("relu norm=batch]",)),
    ({"activations": "[norm=batch]"}, "study.arm_lacks", ("[norm=batch]",)),
    ({"activations": "relu [clip=1, clip=2]"}, "study.unreadable_arm", ("clip=2",)),
    ({"activations": ["relu", "relu [norm=none]"]}, "study.arm_twice", ("relu",)),
    ({"activations": ["relu [norm=batch]", "relu"], "norm": "batch"}, "study.arm_twice", ("relu [norm=batch]",)),
    ({"init": "hee"}, "nets.unknown_init_near", ("hee", "he")),
    ({"init": "orthogonal-ish"}, "nets.unknown_init", ("orthogonal-ish", "xavier")),
    ({"init": 7}, "nets.unknown_init", ("7",)),
    ({"init": "gain 0"}, "nets.bad_gain", ("gain 0",)),
    ({"init": "gain nan"}, "nets.bad_gain", ("gain nan",)),
    ({"init": "gain much"}, "nets.bad_gain", ("gain much",)),
]


@pytest.mark.parametrize(("settings", "key", "words"), WRONG, ids=[f"{k}-{i}" for i, (_, k, _) in enumerate(WRONG)])
def test_bad_settings_get_one_sentence(settings, key, words, monkeypatch):
    monkeypatch.setattr("actlab.nets.train", None)  # nothing may be trained
    settings = {"activations": "relu"} | settings
    with pytest.raises(UserError) as caught:
        actlab.compare(settings.pop("activations"), **settings)
    assert caught.value.key == key
    for lang in ("en", "ko"):
        sentence = caught.value.message(lang)
        assert "\n" not in sentence
        assert "{" not in sentence.replace("{8}", "")
        assert sentence.endswith((".", "?", "?)"))
        assert len(sentence) < 300
        assert all(word in sentence for word in words)
    assert re.search("[가-힣]", caught.value.message("ko"))


def test_every_sentence_of_the_rooms_is_reached():
    """`nothing_kept` is said after Ctrl-C, `digits` is a note, both with tests of their own; nets have theirs too."""
    reached = {key for _, key, _ in WRONG} | {"study.nothing_kept", "study.digits"}
    assert {key for key in keys("en") if key.partition(".")[0] == "study"} <= reached


def init_of(plan):
    return plan.settings_of(plan.arms[0]).init


def test_defaults():
    plan = make_plan("relu")
    assert plan.learning_rates == DEFAULT_RATES
    assert plan.common_rate == 0.05
    assert (plan.hidden, plan.seeds, plan.epochs, plan.batch_size) == ((8, 8), 256, 800, 64)
    assert plan.source.n_test == 20_000
    assert init_of(plan) == "he"
    assert init_of(make_plan("sigmoid")) == "lecun"  # 1/fan-in, as in the article
    assert init_of(make_plan("relu", init=" LeCun ")) == "lecun"


def test_what_is_meant_the_same_is_the_same_plan():
    plan = make_plan("relu", hidden=8, seeds=np.int64(4), learning_rates=(0.5, 0.05, 0.5), init="HE")
    assert plan.hidden == (8,)
    assert plan.learning_rates == (0.05, 0.5)
    assert plan.common_rate == 0.5
    same = make_plan(["relu"], hidden=np.array([8]), seeds=4, learning_rates=np.array([0.5, 0.05]), init="he")
    assert plan == same
    assert plan != make_plan("relu", hidden=8, seeds=4, learning_rates=(0.05, 0.5), init="he")


class Captured(Exception):  # noqa: N818 - not an error, but the plan on its way out
    pass


def plan_of(words):
    """The plan that the command line makes of `words`, caught on its way to the training."""

    def capture(plan, tell=None):
        raise Captured(plan)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "run_plan", capture)
        with pytest.raises(Captured) as caught:
            cli.main(words)
    return caught.value.args[0]


rates = st.floats(min_value=1e-6, max_value=1e4)


@given(
    arms=st.lists(
        st.sampled_from(
            [
                "relu",
                "relu [norm=batch, clip=0.7]",
                "tanh [optimiser=adam(beta1=0.8, epsilon=1e-06), warm_up=2]",
                "leaky_relu(alpha=.05)",
                "x*tanh(softplus(x))",
                "-x*tanh(x)",
                "where(x < 0, x/2, x)",
                "elu",
                "-x",
            ]
        ),
        min_size=1,
        max_size=4,
        unique=True,
    ),
    data=st.one_of(
        st.fixed_dictionaries({"data": st.just("moons:article")}),
        st.fixed_dictionaries(
            {"data": st.sampled_from(["moons", "circles", "xor", "spiral"])},
            optional={"noise": st.floats(0.02, 1), "test_points": st.integers(2, 50_000)},
        ),
    ),
    learning_rates=st.one_of(st.none(), rates, st.lists(rates, min_size=1, max_size=4)),
    seeds=st.one_of(
        st.fixed_dictionaries({}, optional={"seeds": st.integers(2, 1000)}),
        st.fixed_dictionaries(
            {"seeds": st.just("auto")}, optional={"until": st.floats(0.001, 1), "most": st.integers(64, 2000)}
        ),
    ),
    rest=st.fixed_dictionaries(
        {},
        optional={
            "hidden": st.lists(st.integers(1, 99), min_size=1, max_size=4),
            "epochs": st.integers(3, 10_000_000),  # an arm warms up for two steps
            "batch_size": st.integers(2, 1000),  # and another has batch norm
            "init": st.sampled_from(["he", "lecun", "xavier", "gain 1.25"]),
            "norm": st.sampled_from(["none", "layer"]),
            "optimiser": st.sampled_from(["momentum", "momentum(0.5)", "adamw(beta2=0.99)", "sgd"]),
            "schedule": st.sampled_from(["constant", "cosine"]),
            "weight_decay": st.floats(0.0, 1.0).filter(lambda x: x == 0 or x > 1e-6),
            "clip": rates,
            "target_loss": rates,
            "checkpoints": st.integers(2, 30),
            "geometry_seeds": st.integers(0, 9),
        },
    ),
)
def test_the_command_makes_the_plan_again(arms, data, learning_rates, seeds, rest):
    plan = make_plan(arms, **data, learning_rates=learning_rates, **seeds, **rest)
    words = shlex.split(command_of(plan))
    assert words[0] == "actlab"
    assert plan_of(words[1:]) == plan


def test_the_command_of_a_result(grid, article, arrays):
    for result in (grid, article):
        plan = plan_of(shlex.split(result.provenance.command)[1:])
        assert (plan.labels, plan.hidden, plan.seeds) == (result.arms, result.hidden, result.seeds)
        assert plan.source.name == result.data
    # A user's own arrays have no name on a command line: it is a call of the library instead.
    calls = {"actlab": actlab, "X": own_arrays()[0], "y": own_arrays()[1]}
    again = eval(arrays.provenance.command, calls)
    assert again.frame.equals(arrays.frame)


def test_a_command_repeats_the_numbers(grid, capsys):
    assert cli.main([*shlex.split(grid.provenance.command)[1:], "--json", "--lang", "en"]) == 0
    summary = pl.DataFrame(json.loads(capsys.readouterr().out)["summary"], infer_schema_length=None)
    assert summary["estimate"].to_list() == grid.summary["estimate"].to_list()


def test_provenance(grid):
    made = grid.provenance
    assert {"actlab", "python", "numpy", "polars", "scipy"} <= set(made.versions)
    assert {"processor", "instruction_set", "threads", "system"} <= set(made.machine)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", made.started)


def test_a_source_of_ones_own():
    plan = make_plan("relu", data=Moons(n_train=30), test_points=50)
    assert (plan.source.n_train, plan.source.n_test) == (30, 50)
