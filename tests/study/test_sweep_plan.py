"""Reading a plan: what it comes to, and one sentence for everything that is wrong with it."""

import itertools

import pytest

from actlab.study.sweep import read_plan
from actlab.text import UserError


def grid(text):
    return read_plan(f'activations = ["relu", "tanh"]\n{text}').grid


def values(text, key):
    return read_plan(f'activations = "relu"\n{text}').axis(key).values


def test_all_combinations_in_order():
    places = grid('data = ["moons", "xor"]\ndepth = [2, 3]\nlearning_rates = [0.1, 1]').places
    found = [(p.cell.source.name, len(p.cell.hidden), p.cell.rate, p.arm) for p in places]
    assert found == list(itertools.product(["moons", "xor"], [2, 3], [0.1, 1.0], [0, 1]))
    assert places[0].shown == (("data", "moons"), ("depth", 2))
    assert places[0].chosen == (("learning_rate", 0.1),)


def test_ranges():
    assert values("depth = { from = 2, to = 30, step = 7 }", "depth") == (2, 9, 16, 23, 30)
    assert values("weight_decay = { from = 0, to = 0.5, count = 3 }", "weight_decay") == (0, 0.25, 0.5)
    rates = values('learning_rates = { from = 0.01, to = 10, count = 4, scale = "log" }', "learning_rates")
    assert rates == (0.01, 0.1, 1.0, 10.0)
    assert values('width = { from = 2, to = 9, count = 4, scale = "log" }', "width") == (2, 3, 5, 9)


def test_a_single_shape_is_not_a_list_of_widths():
    assert values("hidden = [8, 4]", "hidden") == ((8, 4),)
    assert values("hidden = [[8], [4, 4]]", "hidden") == ((8,), (4, 4))


def test_constraints():
    found = grid(
        'depth = [1, 2]\nwidth = [4, 8]\nconstraints = ["parameters ≤ 50", "activation != \'tanh\' or depth < 2"]'
    )
    assert {(p.arm, len(p.cell.hidden), p.cell.hidden[0]) for p in found.places} == {
        (0, 1, 4), (0, 1, 8), (0, 2, 4), (1, 1, 4), (1, 1, 8),
    }  # fmt: skip
    assert found.left_out % 5 == 0  # rates


def test_random_draws_do_not_depend_on_their_number():
    line = 'learning_rates = { between = [0.01, 10], scale = "log" }\ndepth = { between = [1, 9] }\nrandom = '
    few, many = grid(f"{line}5").places, grid(f"{line}8").places
    assert [p.cell for p in few] == [p.cell for p in (*many[:5], *many[8:13])]
    assert [p.cell.rate for p in many[:8]] == [p.cell.rate for p in many[8:]]  # every arm has the same draws
    drawn = read_plan(f'activations = "relu"\n{line}400').grid.places
    rates = sorted(p.cell.rate for p in drawn)
    assert 0.01 <= rates[0] < 0.02
    assert 5 < rates[-1] <= 10
    assert sum(rate < 0.316 for rate in rates) == pytest.approx(200, abs=45)  # half of them, in the logarithm
    depths = [len(p.cell.hidden) for p in drawn]
    assert set(depths) == set(range(1, 10))
    assert drawn[0].chosen == (("depth", depths[0]), ("learning_rate", drawn[0].cell.rate))


def test_a_random_search_of_few_values_has_each_once():
    places = read_plan(
        'activations = "relu"\ndepth = [1, 2]\nwidth = [4, 8]\nlearning_rates = 1\nrandom = 50'
    ).grid.places
    assert sorted((len(p.cell.hidden), p.cell.hidden[0]) for p in places) == [(1, 4), (1, 8), (2, 4), (2, 8)]


RARE = """
data = ["moons", "iris"]
depth = { between = [1, 12] }
width = { between = [2, 32], scale = "log" }
learning_rates = 1
constraints = ["parameters <= 300", "activation != 'tanh' or depth <= 4"]
random = """


def test_draws_that_constraints_rule_out_are_replaced():
    """Every arm has as many candidates on all data, and those of a shorter search come first."""
    drawn = {}
    for count in (7, 20):
        found = grid(f"{RARE}{count}")
        for place in found.places:
            assert place.cell.net.parameters <= 300
            assert place.arm == 0 or len(place.cell.hidden) <= 4
            drawn.setdefault((count, place.cell.source.name, place.arm), []).append(place.cell.hidden)
        assert found.left_out > 0
    assert {len(own) for (count, *_), own in drawn.items() if count == 7} == {7}
    assert {len(own) for (count, *_), own in drawn.items() if count == 20} == {20}
    for (count, *who), own in drawn.items():
        if count == 7:
            assert drawn[20, *who][:7] == own
    free = [p.cell.hidden for p in read_plan(f'activations = "relu"\n{RARE}40').grid.places][:40]
    assert free[:20] == drawn[20, "moons", 0]  # a longer search, and other arms, change nothing


def test_an_arm_may_be_ruled_out_on_some_data():
    found = grid(RARE.replace("depth <= 4", "data != 'iris'") + "5").places
    assert [(p.cell.source.name, p.arm) for p in found[::5]] == [("moons", 0), ("moons", 1), ("iris", 0)]


def test_learning_rates_grow_where_they_can():
    def grows(line):
        return read_plan(f'activations = "relu"\n{line}').grows

    assert grows("")
    assert not grows("grow_rates = false")
    assert not grows("learning_rates = 0.1")
    assert not grows("learning_rates = [0.1, 1]\nbest_over = []")
    assert not grows("seeds = 1")
    assert not grows('learning_rates = { between = [0.01, 10], scale = "log" }\nrandom = 5')


def test_what_is_not_said_suits_the_data():
    """As `actlab compare` has it: recurrent nets are smaller, and see their sequences fewer times."""
    cells = grid('data = ["moons", "adding:9"]\nlearning_rates = 1').cells()
    assert [(cell.hidden, cell.training.epochs) for cell in cells[::2]] == [((8, 8), 800), ((16,), 100)]
    assert cells[2].net.steps == 9
    assert [p.cell.hidden for p in grid('data = "adding"\ndepth = 2\nlearning_rates = 1').places[:1]] == [(16, 16)]


def test_fixed_points_do_not_multiply_with_a_noise():
    found = grid('data = ["moons", "iris"]\nnoise = [0.1, 0.3]\nlearning_rates = 1')
    assert [(p.cell.source.name, dict(p.shown)["noise"]) for p in found.places[::2]] == [
        ("moons", 0.1), ("moons", 0.3), ("iris", None),
    ]  # fmt: skip


def test_a_title_in_both_languages():
    def titles(line):
        return read_plan(f'activations = "relu"\n{line}').titles

    assert titles('title = "Deep"') == {"en": "Deep", "ko": "Deep"}
    assert titles('title = { ko = "깊이" }') == {"ko": "깊이"}


def test_arms_with_settings():
    found = read_plan('activations = ["relu", "relu [norm=batch]"]\nlearning_rates = 1').grid
    assert found.labels == ("relu", "relu [norm=batch]")
    assert [p.cell.norm for p in found.places] == ["none", "batch"]


def test_names_depend_on_what_is_trained_only():
    """Not on the name of a function, on labels, on other entries of the plan, or on their order."""
    one = {p.cell.name for p in grid("depth = [2, 3]\nlearning_rates = 1").places}
    other = read_plan(
        'title = "x"\nactivations = ["tanh(x)", "max(x, 0)", "elu"]\ndepth = [5, 3, 2]\nlearning_rates = [1]'
    )
    assert one < {p.cell.name for p in other.grid.places}
    assert len(one) == 4


DRAWN = 'activations = "relu"\nweight_decay = { between = [0, 1] }\nrandom = 9\nconstraints = '
ERRORS = {
    'activation = "relu"': "“activation”; did you mean “activations”?",
    'activations = "relu"\ndepht = 3': "“depht”; did you mean “depth”?",
    "depth = 3": "names no activations",
    'activations = "relu": 3': "not TOML",
    'activations = "relo"': "relu",
    'activations = ["relu", "relu"]': "relu twice",
    'activations = ["relu", "max(x,0)"]\nseeds = 0': "“seeds” must be a whole number",
    'activations = "relu"\ndepth = 2.5': "“depth” must be a whole number from 1 to 512, not 2.5",
    'activations = "relu"\nepochs = 0': "“epochs” must be a whole number",
    'activations = "relu"\nlearning_rates = -1': "“learning_rates” must be a number from",
    'activations = "relu"\nlearning_rates = nan': "“learning_rates” must be a number from",
    'activations = "relu"\ndepth = []': "“depth” has no value",
    'activations = "relu"\nhidden = [8]\ndepth = 2': "the one or the other",
    'activations = "relu"\nhidden = "8,8"': "list of widths",
    'activations = "relu"\ndata = "mons"': "moons",
    'activations = "relu"\ndata = { from = 1, to = 2, count = 2 }': "not a range",
    'activations = "relu"\ndepth = { from = 2 }': "a range is",
    'activations = "relu"\ndepth = { from = 2, too = 4, step = 1 }': "did you mean “to”?",
    'activations = "relu"\ndepth = { from = 4, to = 2, step = 1 }': "must end above its start",
    'activations = "relu"\nnoise = { from = 0, to = 2, count = 5, scale = "log" }': "start above 0",
    'activations = "relu"\nnoise = { from = 0, to = 2, count = 5, scale = "lgo" }': "scale is",
    'activations = "relu"\ndepth = { from = 1, to = 2, count = 1 }': "count must be",
    'activations = "relu"\ndepth = { from = 1, to = 2, step = 0 }': "step must be",
    'activations = "relu"\nnoise = { from = 0, to = 2, step = 1e-6 }': "more than 10000 values",
    'activations = "relu"\ndepth = { between = [1] }': "two numbers",
    'activations = "relu"\ndepth = { between = [1, 5] }': "random = 50",
    'activations = "relu"\ndepth = { between = [1, 5] }\nrandom = 3\nbest_over = "width"': "among best_over",
    'activations = "relu"\nbest_over = "dept"': "did you mean “depth”?",
    'activations = "relu"\nconstraints = "parameter < 3"': "did you mean “parameters”?",
    'activations = "relu"\nconstraints = "__import__(1)"': "cannot be read",
    'activations = "relu"\nconstraints = "depth"': "cannot be read",
    'activations = "relu"\nconstraints = 3': "is a text",
    'activations = "relu"\nconstraints = "depth / 0 < 1"': "divides by zero or overflows",
    'activations = "relu"\nconstraints = "9**9**9**9 < depth"': "divides by zero or overflows",
    'activations = "relu"\nconstraints = "depth > 99"': "rule out all 5",
    'activations = "relu"\nseeds = { until = 5 }': "“seeds.until” must be a number",
    'activations = "relu"\nseeds = { unti = 0.1 }': "did you mean “until”?",
    'activations = "relu"\ntitle = 3': "“title” must be a text",
    'activations = "relu"\ndata = "iris"\ntest_points = 10': "fixed points",
    'activations = "relu"\ndata = "adding"\nnorm = "layer"': "norm",
    'activations = "relu"\nwarm_up = 99999': "warm-up",
    'activations = "relu"\ngrow_rates = 1': "true or false",
    'activations = "relu"\ngrow_rates = true\nlearning_rates = 1': "several learning rates",
    f'{DRAWN}"weight_decay < 0.0003"': "Of 10,180 random",
    f'{DRAWN}"weight_decay < 0"': "rule out all",
    'activations = "relu"\noptimiser = "adma"': "adam",
    'activations = "relu"\nnorm = "batch"\nbatch_size = 1': "batch",
    'activations = "relu"\ndepth = {from=1, to=500, step=1}\nwidth = {from=1, to=4000, step=1}': "200,000 combinations",
}  # fmt: skip


@pytest.mark.parametrize("text", ERRORS, ids=range(len(ERRORS)))
def test_errors_are_one_sentence(text):
    with pytest.raises(UserError) as caught:
        _ = read_plan(text).grid
    english = caught.value.message("en")
    assert ERRORS[text] in english
    assert caught.value.message("ko")
    if caught.value.key.startswith("sweep."):
        assert english[0].isupper() or english[0] == "“"
        assert english[-1] in ".]}"
        assert "\n" not in english
