#!/usr/bin/env python3
"""Records how real servers answer, byte by byte, into one file a server beside this script.

   record.py [SERVER ...]     (nginx, apache, node, haproxy, gunicorn, python; all when none is given)

Each line of a file is "request", "answer" and how the connection was left ("open" or "closed"), as escaped text.
Servers listen on loopback, in a folder of their own that is removed again, and are ended by their process id.
"""
import os, shutil, signal, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def escape(data):
    names = {13: "\\r", 10: "\\n", 9: "\\t", 92: "\\\\"}
    return "".join(names.get(b) or (chr(b) if 32 <= b < 127 else "\\x%02X" % b) for b in data)


def ask(port, request):
    """The whole answer: until the server closes, or has been silent for a second."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
        s.sendall(request)
        s.settimeout(1)
        got = b""
        while True:
            try:
                part = s.recv(65536)
            except TimeoutError:
                return got, "open"
            if not part:
                return got, "closed"
            got += part


def head(method, target, *fields, version="HTTP/1.1", body=b""):
    lines = [f"{method} {target} {version}", "Host: site.example", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


USUAL = [
    head("GET", "/"),
    head("HEAD", "/"),
    head("GET", "/missing"),
    head("GET", "/folder"),
    head("GET", "/file.txt", "Range: bytes=2-5"),
    head("GET", "/file.txt", "Range: bytes=900-"),
    head("GET", "/file.txt", "If-Modified-Since: Fri, 01 Jan 2038 00:00:00 GMT"),
    head("GET", "/file.txt", "Connection: close"),
    head("GET", "/file.txt", version="HTTP/1.0"),
    head("OPTIONS", "/"),
    head("POST", "/", "Content-Length: 5", body=b"hello"),
    head("BREW", "/"),
]

ECHO = [
    head("POST", "/echo", "Content-Length: 5", body=b"hello"),
    head("POST", "/echo", "Transfer-Encoding: chunked", body=b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
    head("PUT", "/empty", "Content-Length: 0"),
    head("GET", "/chunks"),
    head("HEAD", "/chunks"),
    head("GET", "/nothing"),
    head("GET", "/cookies"),
    head("GET", "/error"),
    head("DELETE", "/echo"),
    head("GET", "/hints"),
]


def site(folder):
    root = os.path.join(folder, "site")
    os.makedirs(os.path.join(root, "folder"))
    for name, text in (("index.html", "<!doctype html><title>x</title>\n"), ("file.txt", "0123456789\n"), ("folder/index.html", "in the folder\n")):
        path = os.path.join(root, name)
        with open(path, "w") as f:
            f.write(text)
        os.utime(path, (1700000000, 1700000000))
    return root


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def nginx(folder, port):
    conf = write(folder, "nginx.conf", f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {site(folder)}; add_header X-Thing yes; location = /empty {{ return 204; }} location = /gone {{ return 410; }} location = /moved {{ return 302 /elsewhere?a=b; }} }}
}}""")
    return ["nginx", "-p", folder, "-c", conf], USUAL + [head("GET", "/empty"), head("GET", "/gone"), head("GET", "/moved"), head("GET", "/%2e%2e/%zz")]


def apache(folder, port):
    modules = "/usr/lib/apache2/modules"
    conf = write(folder, "apache.conf", f"""
ServerRoot {folder}
PidFile {folder}/apache.pid
ServerName site.example
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule headers_module {modules}/mod_headers.so
ErrorLog {folder}/error.log
DocumentRoot {site(folder)}
DirectoryIndex index.html
Header always set X-Thing "caf\xe9"
<Directory {folder}/site>
  Require all granted
</Directory>
""")
    return ["apache2", "-X", "-f", conf], USUAL + [head("TRACE", "/", "Cookie: a=b")]


NODE = """
const http = require('http');
http.createServer((q, r) => {
  const parts = [];
  q.on('data', d => parts.push(d)).on('end', () => {
    if (q.url === '/echo') { r.setHeader('Content-Type', 'application/octet-stream'); return r.end(Buffer.concat(parts)); }
    if (q.url === '/empty') { r.statusCode = 204; return r.end(); }
    if (q.url === '/chunks' && q.method === 'HEAD') return r.end();
    if (q.url === '/chunks') { r.setHeader('Trailer', 'X-Sum'); r.write('one'); r.write('two'); r.addTrailers({ 'X-Sum': '42' }); return r.end('three'); }
    if (q.url === '/nothing') { r.setHeader('Content-Length', 0); return r.end(); }
    if (q.url === '/cookies') { r.setHeader('Set-Cookie', ['a=b; Path=/', 'c=d; HttpOnly']); r.setHeader('X-List', ['1', '2']); return r.end('x'); }
    if (q.url === '/error') { r.writeHead(500, 'It broke'); return r.end('broken'); }
    if (q.url === '/hints') { r.writeEarlyHints({ link: '</a.css>; rel=preload' }); return r.end('x'); }
    r.statusCode = 404; r.end('no such page');
  });
}).listen(%d, '127.0.0.1');
"""


def node(folder, port):
    return ["node", write(folder, "app.js", NODE % port)], ECHO


def haproxy(folder, port):
    conf = write(folder, "haproxy.cfg", f"""
defaults
  mode http
  timeout client 5s
  timeout connect 1s
  timeout server 5s
frontend site
  bind 127.0.0.1:{port}
  http-request return status 200 content-type text/plain string "hello" hdr X-Thing yes if {{ path / }}
  http-request redirect location /elsewhere code 302 if {{ path /folder }}
  http-request deny deny_status 429 if {{ path /file.txt }}
  default_backend nobody
backend nobody
""")
    return ["haproxy", "-db", "-f", conf], USUAL


GUNICORN = """
def app(environ, start):
    body = environ['wsgi.input'].read()
    path = environ['PATH_INFO']
    if path == '/echo':
        start('200 OK', [('Content-Type', 'application/octet-stream'), ('Content-Length', str(len(body)))])
        return [body]
    if path == '/empty':
        start('204 No Content', [])
        return []
    if path == '/chunks':
        start('200 OK', [('Content-Type', 'text/plain')])
        return [b'one', b'two', b'three']
    if path == '/cookies':
        start('200 OK', [('Set-Cookie', 'a=b'), ('Set-Cookie', 'c=d'), ('Content-Length', '1')])
        return [b'x']
    if path == '/error':
        raise RuntimeError('broken')
    start('404 Nowhere', [('Content-Length', '0')])
    return []
"""


def gunicorn(folder, port):
    write(folder, "wsgi.py", GUNICORN)
    return ["gunicorn", "--chdir", folder, "--bind", f"127.0.0.1:{port}", "--worker-tmp-dir", folder, "wsgi:app"], ECHO


def python(folder, port):
    return [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", site(folder), str(port)], USUAL


SERVERS = {f.__name__: f for f in (nginx, apache, node, haproxy, gunicorn, python)}


def record(name):
    folder = tempfile.mkdtemp(prefix="proxygate-record-")
    os.chmod(folder, 0o755)
    port = free_port()
    command, requests = SERVERS[name](folder, port)
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, "PATH": PATH}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            sys.exit(f"record.py: {name} does not listen")
        with open(os.path.join(HERE, f"{name}.txt"), "w") as out:
            for request in requests:
                answer, end = ask(port, request)
                out.write(f"request {escape(request)}\nanswer {escape(answer)}\n{end}\n\n")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


for wanted in sys.argv[1:] or SERVERS:
    if wanted not in SERVERS:
        sys.exit(f"record.py: {wanted} is none of {', '.join(SERVERS)}")
    record(wanted)
