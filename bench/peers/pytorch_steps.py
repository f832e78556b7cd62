#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The training steps of bench/training with PyTorch, for compare.py.

A line "STEP VARIANT SECONDS" on stdin is answered by a line of JSON: how many seconds each step took that fitted into
SECONDS. Steps are the names of bench/training/step_bench.cpp. All variants keep images channels-last, use the fused Adam
and freeze the discriminator in the generator's step; `compiled` puts each network through torch.compile.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

BATCH = 128


def fc_autoencoder():
    def coder(*sizes):
        layers = []
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
        return layers[:-1]

    return nn.Sequential(nn.Flatten(), *coder(784, 512, 256, 128), *coder(128, 256, 512, 784), nn.Sigmoid(),
                         nn.Unflatten(1, (1, 28, 28)))


def encoder(outputs):
    return nn.Sequential(nn.Conv2d(1, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.ReLU(),
                         nn.Conv2d(32, 64, 4, 2, 1), nn.BatchNorm2d(64), nn.ReLU(),
                         nn.Conv2d(64, outputs, 7))


def decoder(*last):
    return nn.Sequential(nn.ConvTranspose2d(128, 64, 7), nn.BatchNorm2d(64), nn.ReLU(),
                         nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.ReLU(),
                         nn.ConvTranspose2d(32, 1, 4, 2, 1), *last)


def dcgan28():
    g = nn.Sequential(nn.ConvTranspose2d(100, 256, 7), nn.BatchNorm2d(256), nn.ReLU(),
                      nn.ConvTranspose2d(256, 128, 4, 2, 1), nn.BatchNorm2d(128), nn.ReLU(),
                      nn.ConvTranspose2d(128, 1, 4, 2, 1), nn.Tanh())
    d = nn.Sequential(nn.Conv2d(1, 64, 4, 2, 1), nn.LeakyReLU(0.2),
                      nn.Conv2d(64, 128, 4, 2, 1), nn.BatchNorm2d(128), nn.LeakyReLU(0.2),
                      nn.Conv2d(128, 1, 7), nn.Flatten(0))
    return g, d


def dcgan64():
    g, d = [], [nn.Conv2d(1, 64, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
    for fan_in, fan_out, stride, padding in (100, 512, 1, 0), (512, 256, 2, 1), (256, 128, 2, 1), (128, 64, 2, 1):
        g += [nn.ConvTranspose2d(fan_in, fan_out, 4, stride, padding, bias=False), nn.BatchNorm2d(fan_out), nn.ReLU()]
    for fan_in, fan_out in (64, 128), (128, 256), (256, 512):
        d += [nn.Conv2d(fan_in, fan_out, 4, 2, 1, bias=False), nn.BatchNorm2d(fan_out), nn.LeakyReLU(0.2)]
    g += [nn.ConvTranspose2d(64, 1, 4, 2, 1, bias=False), nn.Tanh()]
    d += [nn.Conv2d(512, 1, 4, bias=False), nn.Flatten(0)]
    return nn.Sequential(*g), nn.Sequential(*d)


def images(size):
    return torch.rand(BATCH, 1, size, size).contiguous(memory_format=torch.channels_last)


def adam(network, **arguments):
    return torch.optim.Adam(network.parameters(), fused=True, **arguments)


def autoencoder_step(network, prepare):
    network = network.to(memory_format=torch.channels_last)
    optimiser, batch = adam(network), images(28)
    network = prepare(network)

    def step():
        optimiser.zero_grad()
        F.mse_loss(network(batch), batch).backward()
        optimiser.step()

    return step


def vae_step(prepare):
    networks = nn.ModuleList([encoder(256), decoder()]).to(memory_format=torch.channels_last)
    optimiser, batch = adam(networks), images(28)
    encode, decode = (prepare(network) for network in networks)

    def step():
        optimiser.zero_grad()
        mean, log_variance = encode(batch).chunk(2, 1)
        logits = decode(mean + torch.randn_like(mean) * (0.5 * log_variance).exp())
        kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
        loss = (F.binary_cross_entropy_with_logits(logits, batch, reduction="sum") + kl) / BATCH
        loss.backward()
        optimiser.step()

    return step


def gan_step(networks, size, prepare):
    g, d = (network.to(memory_format=torch.channels_last) for network in networks)
    g_adam, d_adam = (adam(network, lr=2e-4, betas=(0.5, 0.999)) for network in (g, d))
    real, ones, zeros = 2 * images(size) - 1, torch.ones(BATCH), torch.zeros(BATCH)
    bce = F.binary_cross_entropy_with_logits
    generate, judge = prepare(g), prepare(d)

    def step():
        fake = generate(torch.randn(BATCH, 100, 1, 1))
        d_adam.zero_grad()
        (bce(judge(real), ones) + bce(judge(fake.detach()), zeros)).backward()
        d_adam.step()
        d.requires_grad_(False)
        g_adam.zero_grad()
        bce(judge(fake), ones).backward()
        g_adam.step()
        d.requires_grad_(True)

    return step


STEPS = {
    "fc-AE": lambda prepare: autoencoder_step(fc_autoencoder(), prepare),
    "cnn-AE": lambda prepare: autoencoder_step(nn.Sequential(encoder(128), decoder(nn.Sigmoid())), prepare),
    "VAE": vae_step,
    "DCGAN-28": lambda prepare: gan_step(dcgan28(), 28, prepare),
    "DCGAN-64": lambda prepare: gan_step(dcgan64(), 64, prepare),
}
VARIANTS = {"eager": lambda network: network, "compiled": torch.compile}


def measured(step, seconds):
    """How long each step took, for about as many seconds, once it has run warm."""
    times = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return times


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.set_flush_denormal(True)
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    steps = {}
    for line in sys.stdin:
        name, variant, seconds = line.split()
        if (name, variant) not in steps:
            torch.manual_seed(1)
            steps[name, variant] = STEPS[name](VARIANTS[variant])
            for _ in range(3):
                steps[name, variant]()
        print(json.dumps(measured(steps[name, variant], float(seconds))), flush=True)


if __name__ == "__main__":
    main()
