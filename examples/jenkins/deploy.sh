#!/bin/sh
# Package what was built and judged, and release it to the environment that seatrial.yaml describes.
set -eu
seatrial package model --include serve.py --include network.py --serve 'python3 serve.py' --health /health
seatrial release --to production
