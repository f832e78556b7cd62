#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains `dcgan --width 64` with PyTorch and scores it with the classifier that ships with the examples.

A score means nothing outside of its classifier, so that a figure to compare lamina's DCGAN with has to come from the
same one. Networks, initialisation, losses and optimisers are those of the program; random numbers are PyTorch's.

    pip install numpy safetensors torch
    bench/peers/pytorch_dcgan.py --epochs 5 --seed 1
"""

import argparse
import gzip
import time
from pathlib import Path

import numpy as np
import pytorch_models as models
import torch
from safetensors.torch import load_file
from torch import nn

ROOT = Path(__file__).resolve().parents[2]
BATCH = 128


def images_of(folder, part):
    """Pixels in [0, 1], float32 (N, 1, 28, 28)."""
    packed = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
    pixels = np.frombuffer(packed, np.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.from_numpy(pixels.astype(np.float32) / 255)


def epoch_of(step, images):
    """One pass over the images in an order of its own; the last batch is dropped. Returns the mean losses of d and g."""
    batches = [indices for indices in torch.randperm(len(images)).split(BATCH) if len(indices) == BATCH]
    losses = [step(models.channels_last(images[indices])) for indices in batches]
    return torch.tensor(losses).mean(0)


class Classifier(nn.Module):
    """examples/common/networks/classifier.hpp, up to its last hidden layer."""

    def __init__(self):
        super().__init__()
        features = nn.Sequential(
            nn.Conv2d(1, 32, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 7 * 7, 128), nn.ReLU())
        self.network = nn.Sequential(features, nn.Linear(128, 10))
        self.network.load_state_dict(load_file(ROOT / "examples/data/classifier.safetensors"))
        self.eval()

    def forward(self, images):
        return self.network[0]((images - 0.2860) / 0.3530)


@torch.no_grad()
def features_of(classifier, batches):
    return torch.cat([classifier(batch) for batch in batches]).double().numpy()


def root_of(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.sqrt(values.clip(0))) @ vectors.T


def frechet_distance(a, b):
    of_a, of_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = root_of(of_a)
    cross = np.sqrt(np.linalg.eigvalsh(root @ of_b @ root).clip(0)).sum()
    return np.square(a.mean(0) - b.mean(0)).sum() + np.trace(of_a) + np.trace(of_b) - 2 * cross


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--epochs", type=int, default=5)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--threads", type=int, default=torch.get_num_threads())
    options.add_argument("--data", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    options = options.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)

    classifier = Classifier()
    test = features_of(classifier, images_of(options.data, "t10k").split(125))
    train = images_of(options.data, "train")
    print(f"torch {torch.__version__}, {options.threads} threads, seed {options.seed}")
    floor = frechet_distance(features_of(classifier, train[:len(test)].split(125)), test)
    print(f"score of as many training images: {floor:.2f}", flush=True)

    g, d = models.dcgan28(64)
    step = models.gan_step(g, d, lambda network: network)
    latents = torch.randn(len(test), models.LATENT, 1, 1)
    for epoch in range(1, options.epochs + 1):
        start = time.perf_counter()
        d_loss, g_loss = epoch_of(step, 2 * train - 1)
        seconds = time.perf_counter() - start
        g.eval()
        score = frechet_distance(features_of(classifier, ((g(z) + 1) / 2 for z in latents.split(125))), test)
        g.train()
        print(f"epoch {epoch}: d_loss {d_loss:.4f}, g_loss {g_loss:.4f}, score {score:.2f}, seconds {seconds:.1f}",
              flush=True)


if __name__ == "__main__":
    main()
