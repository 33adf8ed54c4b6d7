#!/bin/sh
# No model goes on without evidence: `seatrial evaluate` exits 3 where a gate fails, and the stage fails.
set -eu
seatrial evaluate predictions.csv --task classification \
    --gate 'accuracy >= 0.90' \
    --gate 'recall(malignant) >= 0.75'
