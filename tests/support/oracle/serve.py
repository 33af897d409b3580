"""The oracle at work: answers one JSON request per line of its input with one JSON line of its output, until the input ends.

    {"id": 7, "script": "shapes", "argv": ["dumps", ADDRESS], "input": "..."}  ->  {"id": 7, "said": ...} or {"id": 7, "failed": "..."}

Each request runs in a process of its own, forked after the slow import of pymilvus and before any connection: no answer
can come from what an earlier one left in a cache.
"""

import contextlib
import importlib
import io
import json
import multiprocessing
import os
import signal
import sys
import traceback

import pymilvus  # noqa: F401  what forks are for: this takes a second


def answer(request, lock):
    sys.argv = [request["script"], *request["argv"]]
    sys.stdin = io.StringIO(request.get("input", ""))
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            importlib.import_module(request["script"]).main()
        line = {"id": request["id"], "said": json.loads(said.getvalue())}
    except BaseException:
        line = {"id": request["id"], "failed": traceback.format_exc()}
    with lock:
        os.set_blocking(1, True)
        with os.fdopen(1, "wb", closefd=False) as out:
            out.write(json.dumps(line).encode() + b"\n")


def serve():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    lock = multiprocessing.get_context("fork").Lock()
    for line in sys.stdin:
        if os.fork() == 0:
            answer(json.loads(line), lock)
            os._exit(0)


serve()
