"""A model server as a user would write one: the standard library, HTTP/1.1 with connections that stay open.

MODEL is a file of one line: a word that every answer gives, or what is wrong with this model:
"sick" never becomes healthy, "crash" ends at once, "crash-later" ends when it is asked for /crash,
"fails-5" answers 5% of requests with 500, "slow-20" takes 20 ms for each. In the header that says what was
predicted stands the number that the path ends with, whatever the word; "wrong-30" says another one for 30% of
the requests.
"""

import os
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WORD = Path(os.environ["MODEL"]).read_text().strip()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet

    def do_GET(self) -> None:
        if self.path == "/crash":
            print("asked to crash", flush=True)
            os._exit(3)
        if self.path.startswith("/slow"):
            time.sleep(float(self.path.rpartition("=")[2]))
        while self.path.startswith("/held") and not Path(self.path.rpartition("=")[2]).exists():
            time.sleep(0.01)
        if self.path == "/env":
            self.answer(200, "\n".join(f"{k}={v}" for k, v in os.environ.items()))
            return
        if WORD.startswith("slow-"):
            time.sleep(float(WORD.removeprefix("slow-")) / 1000)
        fails = WORD.startswith("fails-") and random.random() < float(WORD.removeprefix("fails-")) / 100
        if WORD.startswith("wrong-") and random.random() < float(WORD.removeprefix("wrong-")) / 100:
            self.path = "/-1"
        self.answer(500 if fails and self.path != "/health" else 503 if WORD == "sick" else 200, WORD)

    def answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Seatrial-Prediction", self.path.rpartition("/")[2] or "0")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024


if WORD.startswith("fails-"):
    print("this model", WORD, flush=True)
if WORD == "crash":
    print("no such file: weights.bin", file=sys.stderr)
    sys.exit(4)
Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
