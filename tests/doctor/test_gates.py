"""What fused recurrences feed their activations with: z is got back from the output where the gates let it through."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from actlab.doctor import check

OPEN = 40.0


def transparent(kind, **settings):
    """A recurrence in which h (and c) is the activation of z alone: its gates are forced open or shut."""
    torch.manual_seed(0)
    rnn = kind(3, 5, **settings).double()
    with torch.no_grad():
        for name, p in rnn.named_parameters():
            if "bias_ih" in name and isinstance(rnn, nn.LSTM):
                p.view(4, 5)[0], p.view(4, 5)[1], p.view(4, 5)[3] = OPEN, -OPEN, OPEN
            elif "bias_ih" in name and isinstance(rnn, nn.GRU):
                p.view(3, 5)[1] = -OPEN
    return rnn


def inverse(rnn, h):
    """z of h = tanh(z), or tanh(tanh(z))."""
    return h.atanh().atanh() if isinstance(rnn, nn.LSTM) else h.atanh()


class Shown(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn

    def forward(self, x):
        return self.rnn(x)[0]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize(
    "settings",
    [{}, {"batch_first": True}, {"num_layers": 2}, {"bidirectional": True}],
    ids=lambda s: "-".join(s) or "-",
)  # fmt: skip
def test_z_is_what_the_output_says(kind, settings):
    rnn = transparent(kind, **settings)
    x = torch.randn(6, 6, 3, dtype=torch.float64)
    d = check(Shown(rnn), [x])
    assert all("fused" not in s for s in d.skipped)
    sites = [s for s in d.readings.sites if s.kind == "activation"]
    assert [s.site.path for s in sites] == ["rnn"] * settings.get("num_layers", 1)
    h = rnn(x)[0].detach()
    h = torch.cat([h[..., :5], h[..., 5:]]) if settings.get("bidirectional") else h
    z = inverse(rnn, h).reshape(-1, 5)
    assert sites[-1].signal.points == len(z)
    torch.testing.assert_close(torch.tensor(sites[-1].signal.unit_mean), z.mean(0), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(torch.tensor(sites[-1].signal.unit_var), z.var(0, unbiased=False), rtol=1e-5, atol=1e-6)


class Cells(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.out = nn.RNNCell(3, 5), nn.Linear(5, 2)

    def forward(self, x):
        h = x.new_zeros(len(x), 5)
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h)
        return self.out(h)


def test_a_cell_is_one_site():
    d = check(Cells(), [torch.randn(8, 4, 3)])
    (site,) = [s for s in d.readings.sites if s.kind == "activation"]
    assert (site.site.path, site.site.function, site.signal.points) == ("cell", "tanh", 32)


def test_what_is_packed_is_not_seen():
    class Packed(Shown):
        def forward(self, x):
            return self.rnn(pack_sequence([x[0], x[1, :2]]))[0].data

    d = check(Packed(nn.GRU(3, 5, batch_first=True)), [torch.randn(2, 4, 3)])
    assert d.skipped[0] == "rnn: gru computes its gates in one fused call; only its output was measured."
