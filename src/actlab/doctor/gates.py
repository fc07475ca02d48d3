"""What a fused recurrence feeds its activation with: computed anew for a few samples, since one call hides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch

from actlab.doctor.sampling import spread

if TYPE_CHECKING:
    from actlab._arrays import AnyArray

_SAMPLES: Final = 16
_TIMES: Final = 32


def candidates(name: str, args: tuple[Any, ...]) -> list[AnyArray] | None:
    """(points, units) of what the candidate's activation gets, a layer each; ``None`` where it cannot be computed.

    That is z of h = φ(z) in a plain recurrence, of the cell's candidate in LSTM and GRU. `args` are those of the fused
    function of PyTorch. The first steps of a few samples are computed, exactly, since what comes later has no say in
    them. Behind a layer of both directions, or one with dropout, the next one's inputs are not known; both directions
    of the first layer are told as one. Packed sequences and projections are left out.
    """
    with torch.no_grad(), torch.autocast("cpu", enabled=False):
        if name.endswith("_cell"):
            return _of_cell(name.removesuffix("_cell"), args)
        if not isinstance(args[2], list | tuple) or isinstance(args[3], list | tuple):
            return None  # packed: lengths come second
        x, state, weights, biased, layers, dropout, training, both, first = args[:9]
        x = x.detach() if first else x.detach().transpose(0, 1)  # (samples, times, features)
        rows = torch.tensor(spread(len(x), min(_SAMPLES, len(x))), device=x.device)
        x = x.index_select(0, rows).double()
        given = state if isinstance(state, list | tuple) else (state,)
        states = [s.detach().index_select(1, rows).double() for s in given]
        each, ways = (4 if biased else 2), (2 if both else 1)
        if len(weights) != each * ways * layers or weights[1].shape[1] != states[0].shape[-1]:
            return None
        found: list[AnyArray] = []
        for layer in range(layers):
            seen = []
            for way in range(ways):
                place = layer * ways + way
                own = _doubles(weights[place * each : (place + 1) * each])
                times = (x.flip(1) if way else x)[:, :_TIMES]
                z, h = _unrolled(name, times, [s[place] for s in states], own)
                seen.append(z)
            found.append(torch.cat(seen).float().cpu().numpy())
            if both or (dropout > 0 and training):
                break
            x = h
        return found


def _doubles(weights: Any) -> list[torch.Tensor]:
    return [w.detach().double() for w in weights]


def _of_cell(name: str, args: tuple[Any, ...]) -> list[AnyArray] | None:
    x, state, *weights = args
    given = state if isinstance(state, list | tuple) else (state,)
    if x.dim() != 2:
        return None
    rows = torch.tensor(spread(len(x), min(_SAMPLES, len(x))), device=x.device)
    states = [s.detach().index_select(0, rows).double() for s in given]
    times = x.detach().index_select(0, rows).double()[:, None]
    z, _ = _unrolled(name, times, states, _doubles(w for w in weights if w is not None))
    return [z.float().cpu().numpy()]


def _unrolled(
    name: str, x: torch.Tensor, states: list[torch.Tensor], weights: list[torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    """(samples × times, units) of z, and (samples, times, units) of h; the order of gates is PyTorch's."""
    into, on, *biases = weights
    b_in, b_on = biases or (into.new_zeros(len(into)), on.new_zeros(len(on)))
    h, c = states[0], states[-1]
    zs, hs = [], []
    for t in range(x.shape[1]):
        a, b = x[:, t] @ into.T + b_in, h @ on.T + b_on
        if name == "lstm":
            i, f, z, o = (a + b).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * z.tanh()
            h = o.sigmoid() * c.tanh()
        elif name == "gru":
            (r, u, n), (r_on, u_on, n_on) = a.chunk(3, 1), b.chunk(3, 1)
            z, u = n + (r + r_on).sigmoid() * n_on, (u + u_on).sigmoid()
            h = (1 - u) * z.tanh() + u * h
        else:
            z = a + b
            h = z.tanh() if name == "rnn_tanh" else z.relu()
        zs.append(z)
        hs.append(h)
    return torch.cat(zs), torch.stack(hs, 1)
