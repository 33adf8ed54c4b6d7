"""Answer POST /predict {"pixels": [784 numbers]} with {"digit": …, "score": …}, by the model in $MODEL.

The header `x-seatrial-prediction` says the digit once more, so that labels can be held against it later.
"""

import json
import os
import signal
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import network

LAYERS, LABELS = network.load(os.environ["MODEL"])


def told(found, _pixels):
    """The answer to the scores that were found for a picture."""
    best = int(found.argmax())
    return {"digit": int(LABELS[best]), "score": round(float(found[best]), 4)}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer(200, {"healthy": True}) if self.path == "/health" else self.answer(
            404, {"error": "not found"}
        )

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            pixels = json.loads(body)["pixels"]
            found = network.scores(LAYERS, [pixels])[0]
        except (ValueError, KeyError, TypeError) as error:
            self.answer(400, {"error": f"expected 784 pixels: {error}"})
            return
        try:
            answer = told(found, pixels)
        except Exception:  # noqa: BLE001 - a fault of ours, whatever it is: who asks gets an answer
            traceback.print_exc()
            self.answer(500, {"error": "our fault"})
            return
        self.answer(200, answer, {"x-seatrial-prediction": str(answer["digit"])})

    def answer(self, status, value, headers=()):
        content = json.dumps(value).encode()
        self.send_response(status)
        for name, text in dict(headers).items():
            self.send_header(name, text)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """One line a request would be most of the work."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def main():
    server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()


if __name__ == "__main__":
    main()
