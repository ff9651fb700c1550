#!/usr/bin/env python3
"""A small app to stand behind the gateway: python3 app.py [port]. Stop it with Ctrl+C and reload the page."""
import http.server
import sys


class Hello(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"Hello from the app. You asked for {self.path}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
print(f"The app answers on http://localhost:{port}", flush=True)
try:
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Hello).serve_forever()
except KeyboardInterrupt:
    print("The app has stopped.")
