"""A logistic regression as plain numbers: serving needs no library."""

import json
import math
from pathlib import Path


def load(folder):
    """The weights, the bias, the scale of each feature and the two names."""
    return json.loads((Path(folder) / "network.json").read_text())


def score(network, features):
    """The probability of the second name, for 30 features."""
    if len(features) != len(network["weights"]):
        raise ValueError(f"expected {len(network['weights'])} features, got {len(features)}")
    columns = zip(features, network["mean"], network["scale"], network["weights"], strict=True)
    total = network["bias"] + sum((value - mean) / scale * weight for value, mean, scale, weight in columns)
    return 1 / (1 + math.exp(-total))
