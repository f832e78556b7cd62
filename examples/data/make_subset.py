#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes fashion-mnist-subset/ from the full Fashion-MNIST: the first 200 training and the first 50 test
images of each class, in data set order. Running it again writes the same bytes.

usage: make_subset.py [folder of the full data set] [output folder]
"""

import gzip
import math
import struct
import sys
import zlib
from pathlib import Path

CLASSES = 10
SIDE = 28
FULL_SIZE = {"train": 60_000, "t10k": 10_000}
PER_CLASS = {"train": 200, "t10k": 50}

MARKER = """\
Fashion-MNIST, balanced subset: 2,000 training and 500 test images instead of 60,000 and 10,000.
lamina's loader looks for this file, so that what is made from the subset can say so.
"""


def idx_header(shape: tuple[int, ...]) -> bytes:
    """IDX header of an array of unsigned bytes (element type 8)."""
    return struct.pack(f">4B{len(shape)}I", 0, 0, 8, len(shape), *shape)


def read_idx(path: Path, shape: tuple[int, ...]) -> bytes:
    """The elements of a gzip IDX file of unsigned bytes that must have exactly this shape."""
    content = gzip.decompress(path.read_bytes())
    header = idx_header(shape)
    if not content.startswith(header) or len(content) != len(header) + math.prod(shape):
        sys.exit(f"{path}: expected an IDX file of unsigned bytes of shape {shape}, got another one.")
    return content[len(header):]


def gzip_bytes(content: bytes) -> bytes:
    """One gzip member without name and time, the same from every version of Python."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(content) + deflate.flush()
    header = b"\x1f\x8b\x08" + bytes(5) + b"\x02\xff"  # no flags, no time; best compression, any system
    return header + body + struct.pack("<2I", zlib.crc32(content), len(content))


def first_of_each_class(labels: bytes, per_class: int) -> list[int]:
    """Positions of the first per_class labels of each class, ascending."""
    taken = [0] * CLASSES
    positions = []
    for position, label in enumerate(labels):
        if taken[label] < per_class:
            taken[label] += 1
            positions.append(position)
    return positions


def main() -> None:
    source = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/datasets/fashion-mnist")
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent / "fashion-mnist-subset"
    target.mkdir(parents=True, exist_ok=True)
    for part, count in FULL_SIZE.items():
        labels = read_idx(source / f"{part}-labels-idx1-ubyte.gz", (count,))
        images = read_idx(source / f"{part}-images-idx3-ubyte.gz", (count, SIDE, SIDE))
        chosen = first_of_each_class(labels, PER_CLASS[part])
        pixels = b"".join(images[i * SIDE * SIDE:(i + 1) * SIDE * SIDE] for i in chosen)
        for kind, shape, elements in (
            ("labels-idx1", (len(chosen),), bytes(labels[i] for i in chosen)),
            ("images-idx3", (len(chosen), SIDE, SIDE), pixels),
        ):
            file = target / f"{part}-{kind}-ubyte.gz"
            file.write_bytes(gzip_bytes(idx_header(shape) + elements))
    (target / "SUBSET").write_text(MARKER, encoding="utf-8")


if __name__ == "__main__":
    main()
