"""A feed-forward network as plain arrays: all that serving needs, and nothing of what training needs."""

from pathlib import Path

import numpy as np


def save(path, layers, labels):
    """Write the layers, a list of (weights, bias), and the label of each output."""
    arrays = {}
    for index, (weights, bias) in enumerate(layers):
        arrays[f"weights{index}"], arrays[f"bias{index}"] = weights.astype("float32"), bias.astype("float32")
    Path(path).mkdir(parents=True, exist_ok=True)
    with open(Path(path) / "network.npz", "wb") as file:
        np.savez(file, labels=np.asarray(labels), **arrays)


def load(path):
    """The layers and labels that `save` wrote."""
    with np.load(Path(path) / "network.npz", allow_pickle=False) as stored:
        count = sum(name.startswith("weights") for name in stored)
        layers = [(stored[f"weights{index}"], stored[f"bias{index}"]) for index in range(count)]
        return layers, stored["labels"]


def prepared(pixels):
    """What the network sees of pixels 0..255, (rows, 784): in training, in tests and in service alike."""
    return np.asarray(pixels, dtype="float32") / 255


def scores(layers, pixels):
    """The probability of each label, (rows, labels), for pixels 0..255, (rows, 784)."""
    values = prepared(pixels)
    for weights, bias in layers[:-1]:
        values = np.maximum(values @ weights + bias, 0)
    weights, bias = layers[-1]
    values = values @ weights + bias
    values = np.exp(values - values.max(axis=1, keepdims=True))
    return values / values.sum(axis=1, keepdims=True)
