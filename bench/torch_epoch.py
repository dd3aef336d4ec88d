#!/usr/bin/env python3
"""The epoch of preset `paper` on proxy1d in PyTorch, as a worker of bench_engine.

Usage: torch_epoch.py ROWS EVENTS THREADS eager|compile
It warms up, says in one line of JSON what it is, and then answers each line "run SECONDS" with the
times of the epochs it ran in that time, at least one. It ends when its input does.

The same mathematics as the library's: generator 6-128x4-6 with a sigmoid into the box, the tables of
tails of src/pipeline/proxy1d.cpp in tensor operations, discriminator 2-128x4-1, least squares on its
sigmoid, both norms penalised, one Adam update each, the events of the discriminator used again for
the generator. What makes PyTorch faster is used where it exists: in-place leaky ReLU, fused Adam,
no gradient by the discriminator's weights in the generator's step, a batch of real events that is a
view.
"""
import json
import sys
import time

import torch

NODES, FIRST, REACH, SLOPE = 1000, 0.1, 0.9999, 0.2
SPACING = (0.99999 - FIRST) / NODES
LOWER = torch.tensor([0.0, -1.0, 0.0, 0.0, -1.0, 0.0])
WIDTH = torch.tensor([3.0, 2.0, 5.0, 3.0, 2.0, 5.0])
TRUTH = torch.tensor([[2.1875, -0.5, 3.0, 1.09375, -0.5, 4.0]])
# Nodes in falling order: a running sum over them is the table of tails in rising order.
X = (FIRST + SPACING * torch.arange(NODES, dtype=torch.float64)).flip(0)
LOG_X, LOG_REST = torch.log(X).float(), torch.log1p(-X).float()
X = X.float()


def pipeline(p, events):
    """Parameters (N, 6) -> events (N E, 2) and norms (N, 2)."""
    p = p.unsqueeze(-1)
    up = p[:, 0] * torch.exp(p[:, 1] * LOG_X + p[:, 2] * LOG_REST)
    down = p[:, 3] * torch.exp(p[:, 4] * LOG_X + p[:, 5] * LOG_REST)
    tails = torch.cumsum(torch.stack((4 * up + down, up + 4 * down), 1), -1)  # (N, 2, nodes)
    t = REACH * torch.rand(p.shape[0], 2, events) * tails[..., -1:]
    with torch.no_grad():
        lo = torch.searchsorted(tails, t, right=True).clamp_(1, NODES - 1)
        hi = lo - 1
    tail_hi = torch.gather(tails, -1, hi)
    w = (t - tail_hi) / (torch.gather(tails, -1, lo) - tail_hi)
    y = X[hi] - SPACING * w
    return y.transpose(1, 2).reshape(-1, 2), SPACING * (tails[..., -1] - tails[..., 0])


def perceptron(n_in, n_out):
    layers, widths = [], [n_in, 128, 128, 128, 128, n_out]
    for i in range(5):
        layer = torch.nn.Linear(widths[i], widths[i + 1])
        torch.nn.init.kaiming_normal_(layer.weight, a=SLOPE)
        torch.nn.init.zeros_(layer.bias)
        layers.append(layer)
        if i < 4:
            layers.append(torch.nn.LeakyReLU(SLOPE, inplace=True))
    return torch.nn.Sequential(*layers)


def adam(network, rate):
    settings = dict(lr=rate, betas=(0.5, 0.999), eps=1e-8)
    try:
        return torch.optim.Adam(network.parameters(), fused=True, **settings)
    except (RuntimeError, TypeError, ValueError):
        return torch.optim.Adam(network.parameters(), **settings)


class Training:
    def __init__(self, rows, events, is_compiled):
        self.rows, self.events, self.cursor = rows, events, 0
        self.discriminator, self.generator = perceptron(2, 1), perceptron(6, 6)
        self.adam_d, self.adam_g = adam(self.discriminator, 1e-4), adam(self.generator, 1e-5)
        with torch.no_grad():
            # A view of a million events each time, as many rows as it takes.
            self.real, norms = pipeline(TRUTH.repeat(max(64, 2 * rows * events // 1000), 1), 1000)
            self.real, self.norms = self.real.contiguous(), norms[0].clone()
        for name in ("propose", "loss_d", "loss_g"):
            if is_compiled:
                setattr(self, name, torch.compile(getattr(self, name)))

    def propose(self, noise):
        return pipeline(LOWER + WIDTH * torch.sigmoid(self.generator(noise)), self.events)

    def loss_d(self, real, fake):
        return (((1 - torch.sigmoid(self.discriminator(real))) ** 2).mean()
                + (torch.sigmoid(self.discriminator(fake)) ** 2).mean())

    def loss_g(self, fake, norms):
        return (((1 - torch.sigmoid(self.discriminator(fake))) ** 2).mean()
                + ((norms - self.norms) ** 2).sum(1).mean())

    def epoch(self):
        fake, norms = self.propose(torch.randn(self.rows, 6))
        first = self.cursor % (len(self.real) - len(fake) + 1)
        self.cursor += len(fake)
        self.adam_d.zero_grad(set_to_none=True)
        self.loss_d(self.real[first:first + len(fake)], fake.detach()).backward()
        self.adam_d.step()
        self.adam_g.zero_grad(set_to_none=True)
        self.discriminator.requires_grad_(False)
        loss = self.loss_g(fake, norms)
        loss.backward()
        self.discriminator.requires_grad_(True)
        self.adam_g.step()
        return loss


def memory_mb(key):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(key + ":")) / 1024


def blas():
    text = torch.__config__.show()
    mkl = [line.strip(" -") for line in text.splitlines() if "Math Kernel Library" in line]
    name = mkl[0] if mkl else text.split("BLAS_INFO=")[1].split(",")[0]
    return name + ", oneDNN " + ("yes" if torch.backends.mkldnn.is_available() else "no")


def say(**fields):
    print(json.dumps(fields), flush=True)


def main():
    if sys.argv[4] == "compile" and not hasattr(torch, "compile"):
        sys.exit(f"torch {torch.__version__} cannot compile")
    rows, events, threads, mode = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    training = Training(rows, events, mode == "compile")
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # the high-water mark starts anew
    except OSError:
        pass
    before = memory_mb("VmRSS")
    for _ in range(3):
        training.epoch()
    say(torch=torch.__version__, python=sys.version.split()[0], blas=blas(),
        capability=torch.backends.cpu.get_cpu_capability()
        if hasattr(torch.backends, "cpu") else "", rss_before_mb=before)
    for line in sys.stdin:
        seconds, ms, cpu = float(line.split()[1]), [], []
        start = time.perf_counter()
        while not ms or time.perf_counter() - start < seconds:
            t, c = time.perf_counter(), time.process_time()
            loss = training.epoch()
            ms.append(1e3 * (time.perf_counter() - t))
            cpu.append(1e3 * (time.process_time() - c))
        say(ms=ms, cpu_ms=cpu, rss_mb=memory_mb("VmHWM") - before, loss=loss.item())


main()
