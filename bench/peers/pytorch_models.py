# SPDX-License-Identifier: MIT
"""The networks of examples/common/networks with PyTorch, and a training step of each kind.

A step is a function of a batch of images, pixels in the range that the network puts out, that returns its losses. All are
tuned as far as we know how: images channels-last, the fused Adam, a discriminator that is frozen in the generator's step.
`prepare` may replace a network by a faster one on the same parameters: torch.compile.
"""

import torch
from torch import nn
from torch.nn import functional as F

LATENT = 100


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


def cnn_autoencoder():
    return nn.Sequential(encoder(128), decoder(nn.Sigmoid()))


def dcgan28(width):
    """Generator and discriminator of Dcgan28Of<width>."""
    g = nn.Sequential(nn.ConvTranspose2d(LATENT, 2 * width, 7), nn.BatchNorm2d(2 * width), nn.ReLU(),
                      nn.ConvTranspose2d(2 * width, width, 4, 2, 1), nn.BatchNorm2d(width), nn.ReLU(),
                      nn.ConvTranspose2d(width, 1, 4, 2, 1), nn.Tanh()).apply(initialise)
    d = nn.Sequential(nn.Conv2d(1, 64, 4, 2, 1), nn.LeakyReLU(0.2),
                      nn.Conv2d(64, 128, 4, 2, 1), nn.BatchNorm2d(128), nn.LeakyReLU(0.2),
                      nn.Conv2d(128, 1, 7), nn.Flatten(0)).apply(initialise)
    return g, d


def dcgan64():
    """Generator and discriminator of GreyDcgan64."""
    g, d = [], [nn.Conv2d(1, 64, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
    for fan_in, fan_out, stride, padding in (LATENT, 512, 1, 0), (512, 256, 2, 1), (256, 128, 2, 1), (128, 64, 2, 1):
        g += [nn.ConvTranspose2d(fan_in, fan_out, 4, stride, padding, bias=False), nn.BatchNorm2d(fan_out), nn.ReLU()]
    for fan_in, fan_out in (64, 128), (128, 256), (256, 512):
        d += [nn.Conv2d(fan_in, fan_out, 4, 2, 1, bias=False), nn.BatchNorm2d(fan_out), nn.LeakyReLU(0.2)]
    g += [nn.ConvTranspose2d(64, 1, 4, 2, 1, bias=False), nn.Tanh()]
    d += [nn.Conv2d(512, 1, 4, bias=False), nn.Flatten(0)]
    return nn.Sequential(*g).apply(initialise), nn.Sequential(*d).apply(initialise)


def initialise(module):
    """As Radford et al. 2016 do; biases stay PyTorch's."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1, 0.02)


def channels_last(value):
    return value.to(memory_format=torch.channels_last)


def adam(network, **arguments):
    return torch.optim.Adam(network.parameters(), fused=True, **arguments)


def autoencoder_step(network, prepare):
    network = channels_last(network)
    optimiser = adam(network)
    network = prepare(network)

    def step(batch):
        optimiser.zero_grad()
        loss = F.mse_loss(network(batch), batch)
        loss.backward()
        optimiser.step()
        return [loss.detach()]

    return step


def vae_step(prepare):
    networks = channels_last(nn.ModuleList([encoder(256), decoder()]))
    optimiser = adam(networks)
    encode, decode = (prepare(network) for network in networks)

    def step(batch):
        optimiser.zero_grad()
        mean, log_variance = encode(batch).chunk(2, 1)
        logits = decode(mean + torch.randn_like(mean) * (0.5 * log_variance).exp())
        kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum() / len(batch)
        reconstruction = F.binary_cross_entropy_with_logits(logits, batch, reduction="sum") / len(batch)
        (reconstruction + kl).backward()
        optimiser.step()
        return [reconstruction.detach(), kl.detach()]

    return step


def gan_step(g, d, prepare):
    g, d = channels_last(g), channels_last(d)
    g_adam, d_adam = (adam(network, lr=2e-4, betas=(0.5, 0.999)) for network in (g, d))
    generate, judge = prepare(g), prepare(d)
    bce = F.binary_cross_entropy_with_logits

    def step(batch):
        ones, zeros = torch.ones(len(batch)), torch.zeros(len(batch))
        fake = generate(torch.randn(len(batch), LATENT, 1, 1))
        d_adam.zero_grad()
        d_loss = bce(judge(batch), ones) + bce(judge(fake.detach()), zeros)
        d_loss.backward()
        d_adam.step()
        d.requires_grad_(False)
        g_adam.zero_grad()
        g_loss = bce(judge(fake), ones)
        g_loss.backward()
        g_adam.step()
        d.requires_grad_(True)
        return [d_loss.detach(), g_loss.detach()]

    return step
