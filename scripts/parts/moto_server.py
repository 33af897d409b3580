"""moto's own server, one request at a time.

moto looks whether a key is there and writes it afterwards, and its server has a thread for each connection: of two that
come at once both may be told that they created the key (moto 5.2.5, responses.py). A real store decides once.
"""

import io
import sys
import threading

from moto import server

run_simple = server.run_simple
deciding = threading.Lock()


def one_at_a_time(app):
    def answer(environ, start_response):
        # A body that never comes to its end must not keep the others waiting.
        if environ.get("CONTENT_LENGTH"):
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = io.BytesIO(body)
        with deciding:
            return app(environ, start_response)

    return answer


def run(host, port, app, **options):
    run_simple(host, port, one_at_a_time(app), **options)


server.run_simple = run
server.main(sys.argv[1:])
