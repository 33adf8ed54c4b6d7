"""JSON in one line and without spaces, as rows, keys and listings hold it."""

from __future__ import annotations

import json

# The encoder is made once: `json.dumps` makes one for each call that asks for other separators.
encode = json.JSONEncoder(separators=(",", ":")).encode
