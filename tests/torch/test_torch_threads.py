"""Threads of PyTorch: one for a small model, for others those that there were, and afterwards what there was."""

import pytest

torch = pytest.importorskip("torch")
nn = torch.nn

import actlab  # noqa: E402
from actlab.torch.threads import enough_threads  # noqa: E402


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def inside(model, batch) -> int:
    with enough_threads(model, batch):
        return torch.get_num_threads()


def test_small_models_get_one_thread_and_large_ones_keep_theirs():
    assert inside(nn.Linear(32, 32), (torch.randn(64, 32), torch.zeros(64))) == 1
    assert inside(nn.Linear(1000, 1000), (torch.randn(64, 1000), torch.zeros(64))) == 2
    assert torch.get_num_threads() == 2


def test_rows_are_what_a_step_works_on():
    tokens = torch.zeros(64, 128, dtype=torch.long)
    model = nn.Embedding(100, 32)
    assert inside(model, tokens[:1, :1]) == 1
    assert inside(model, tokens) == 2  # 8,192 tokens, six times 3,200 parameters each
    assert inside(model, {"input_ids": tokens, "flag": True}) == 2
    sequence = nn.LSTM(32, 32, batch_first=True)
    assert inside(sequence, torch.randn(4, 2, 32)) == 1
    assert inside(sequence, torch.randn(64, 40, 32)) == 2


def test_where_nothing_can_be_told_threads_stay():
    assert inside(nn.Linear(2, 2), ["a", "text"]) == 2
    assert inside(nn.ReLU(), torch.randn(64, 2)) == 2


def test_an_error_gives_the_threads_back():
    with pytest.raises(RuntimeError), enough_threads(nn.Linear(2, 2), torch.randn(4, 2)):
        raise RuntimeError
    assert torch.get_num_threads() == 2


def test_check_trial_and_cost_train_small_models_on_one_thread():
    torch.manual_seed(0)
    batches = [(torch.randn(16, 4), torch.randint(0, 2, (16,))) for _ in range(4)]
    seen: list[int] = []

    def loss(output, target):
        seen.append(torch.get_num_threads())
        return nn.functional.cross_entropy(output, target)

    def build():
        hidden = [part for _ in range(6) for part in (nn.Linear(8, 8), nn.Sigmoid())]
        return nn.Sequential(nn.Linear(4, 8), nn.Sigmoid(), *hidden, nn.Linear(8, 2))

    found = actlab.check(build(), batches, loss=loss)
    assert set(seen) == {1}
    seen.clear()
    found.try_remedies(build, batches, loss=loss, seeds=1, steps=2)
    assert set(seen) == {1}
    seen.clear()
    settings = {"candidates": ["relu"], "seeds": 1, "steps": 2, "rounds": 3}
    cost = actlab.cost.of_model(build(), batches, loss=loss, **settings)
    assert set(seen) == {1, 2}  # trained on one, timed on those that the user has
    assert cost.threads == 2
    assert torch.get_num_threads() == 2
