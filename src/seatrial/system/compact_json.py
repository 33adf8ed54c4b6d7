"""JSON in one line and without spaces, as rows, keys and listings hold it."""

from __future__ import annotations

import json

# Encoders are made once: `json.dumps` makes one for each call that asks for other separators.
encode = json.JSONEncoder(separators=(",", ":")).encode
# The same text for equal objects, whatever the order of their keys.
encode_sorted = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode
