#!/bin/sh
# Train a classifier of tumours (scikit-learn's breast cancer data) in a virtual environment of its own.
set -eu
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
venv/bin/python train.py
