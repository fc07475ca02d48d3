"""Two processes train one net under DistributedDataParallel (gloo), unwatched and watched: `test_processes` reads it.

python ddp_pair.py FOLDER
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from contextlib import nullcontext
from pathlib import Path

import pitfalls
import torch
import torch.distributed as dist
from torch.distributed.fsdp import fully_shard
from torch.nn import ReLU, functional
from torch.nn.parallel import DistributedDataParallel

from actlab.doctor import watch

STEPS = 4


def net():
    """Layer 2 is dead."""
    torch.manual_seed(0)
    model = pitfalls.stack(ReLU, gain=pitfalls.HE)
    model[2].bias.data -= 20.0
    return model


def trained(model, watched, rank):
    """Train on batches of this process's own, and look at `watched` meanwhile."""
    torch.manual_seed(1 + rank)
    batches = pitfalls.classes(64 * STEPS)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(watched) if watched is not None else nullcontext() as w:
        for x, y in batches:
            optimiser.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimiser.step()
    return w


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a.parameters(), b.parameters(), strict=True))


def own_gradient(rank):
    """‖gradient‖/√n of the last biases in the first step, of this process's batch alone."""
    torch.manual_seed(1 + rank)
    x, y = pitfalls.classes(64 * STEPS)[0]
    model = net()
    functional.cross_entropy(model(x), y).backward()
    return float(model[-1].bias.grad.double().square().mean().sqrt())


def work(rank, folder):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    plain, seen, half = (DistributedDataParallel(net()) for _ in range(3))
    trained(plain, None, rank)
    w = trained(seen, seen, rank)
    alone = trained(half, half.module if rank == 0 else None, rank)  # one process only, and what is inside the wrapper
    weights = {r.layer: r for r in w.diagnosis().readings.weights if r.kind == "linear"}
    first = w._record.weights.all()
    sharded = net()
    fully_shard(sharded)
    blind = trained(sharded, sharded, rank)
    said = {
        "same": [same(plain, seen), same(plain, half)],
        "alone": sorted({f.layer for f in alone.diagnosis().findings if f.code == "ACT001"}) if alone else None,
        "sum": sum(float(p.detach().double().sum()) for p in seen.parameters()),
        "found": sorted({(f.code, f.layer) for f in w.diagnosis().at_least("warning")}),
        "layers": list(weights),
        "updates": [r.updates for r in weights.values()],
        "gradient": next(s.gradients[0] for s in first if s.name == "module.6.bias"),
        "own": own_gradient(rank),
        "skipped_sharded": list(blind.diagnosis().skipped),
        "found_sharded": [f.code for f in blind.diagnosis().findings],
    }
    Path(folder, f"said.{rank}").write_text(json.dumps(said))
    dist.destroy_process_group()


if __name__ == "__main__":
    fork = multiprocessing.get_context("fork")
    pair = [fork.Process(target=work, args=(rank, sys.argv[1])) for rank in range(2)]
    for process in pair:
        process.start()
    for process in pair:
        process.join()
    sys.exit(max(abs(process.exitcode) for process in pair))
