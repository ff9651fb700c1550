#!/usr/bin/env python3
"""CPU per request of proxies in front of one nginx that answers from memory; see compare.sh.

The proxies have one processor (the first), the load and the upstream the other, so that each proxy is as saturated as the others. Every proxy is
warmed up before a row until managed code has reached its last tier. nginx stands there twice: what its two ratios differ by is the machine's noise.
"""
import argparse, json, os, re, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

HZ = os.sysconf("SC_CLK_TCK")
ROWS = {
    "small": ("GET 48 bytes, HTTP/1.1 keep-alive", "wrk", "/small", []),
    "100k": ("GET 100 KiB", "wrk", "/100k", []),
    "10m": ("GET 10 MiB", "wrk8", "/10m", []),
    "post": ("POST 10 KiB", "wrk", "/drain", ["-s", "POST"]),
    "tls1": ("TLS, HTTP/1.1, 48 bytes", "wrk-tls", "/small", []),
    "tlsh2": ("TLS, HTTP/2, 48 bytes", "h2", "/small", []),
    "rate4000": ("4,000 requests/s, 48 bytes", "rate", "/small", []),
    "dead": ("outage: the upstream refuses", "wrk", "/dead", []),
}


def parse():
    p = argparse.ArgumentParser(prog="compare.sh")
    p.add_argument("proxygate")
    p.add_argument("--yarp", help="YARP with nothing around it, to compare with")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=int, default=3)
    p.add_argument("--warm", type=int, default=100, help="most seconds before a row's first round; managed code is warm when its compiler rests")
    p.add_argument("--rows", default=" ".join(ROWS))
    p.add_argument("--limit", default="", help="ROW=RATIO,... to nginx")
    p.add_argument("--alone", action="store_true", help="beside nginx only: leaves HAProxy and Caddy out")
    p.add_argument("--readme", action="store_true")
    a = p.parse_args()
    a.rows = a.rows.split()
    unknown = [r for r in a.rows if r not in ROWS]
    if unknown:
        p.error(f"unknown rows: {' '.join(unknown)} (there are: {' '.join(ROWS)})")
    try:
        a.limit = {k: float(v) for k, v in (x.split("=") for x in a.limit.split(",") if x)}
    except ValueError:
        p.error("--limit is ROW=RATIO,ROW=RATIO")
    for need in ("nginx", "wrk", "h2load", "openssl"):
        if not shutil.which(need, path=os.environ["PATH"] + ":/usr/sbin"):
            p.error(f"{need} is not installed")
    return a


def free():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Proxy:
    def __init__(self, name, command, env=None):
        self.name, self.command, self.env = name, command, env
        self.port, self.tls, self.process = free(), free(), None

    def start(self, folder):
        self.process = subprocess.Popen(pinned(0) + self.command(self, folder), cwd=folder, stdout=open(f"{folder}/{self.name}.out", "w"), stderr=subprocess.STDOUT,
                                        env={**os.environ, **(self.env or {})})
        wait_port(self.port, self.process, f"{folder}/{self.name}.out")


def pinned(cpu):
    return ["taskset", "-c", str(min(cpu, os.cpu_count() - 1))]


def wait_port(port, process, log, seconds=60):
    for _ in range(seconds * 20):
        if process.poll() is not None:
            sys.exit(f"{process.args} ended:\n{open(log).read()}")
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit(f"port {port} did not open:\n{open(log).read()}")


def tree(pid):
    yield pid
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except FileNotFoundError:
        return
    for task in tasks:
        try:
            children = open(f"/proc/{pid}/task/{task}/children").read().split()
        except FileNotFoundError:
            continue
        for child in children:
            yield from tree(int(child))


def cpu_seconds(pid):
    ticks = 0
    for p in tree(pid):
        try:
            fields = open(f"/proc/{p}/stat").read().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / HZ


def compiler_seconds(pid):
    """What the thread that compiles hot code once more has used."""
    ticks = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            name, fields = open(f"/proc/{pid}/task/{task}/stat").read().split("(", 1)[1].rsplit(")", 1)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if name.startswith(".NET Tiered"):
            ticks += int(fields.split()[11]) + int(fields.split()[12])
    return ticks / HZ


def warm_up(proxy, row, most, folder):
    """
    Until the compiler takes less than a fiftieth of the process for a while, or the time is over: what a proxy costs that has run for a minute, and goes on
    for weeks. One quiet slice is not enough: on one processor the compiler waits for seconds before it goes on with the next methods.
    """
    slice, quiet = 4, 0
    for _ in range(0, most, slice):
        cpu, compiler = cpu_seconds(proxy.process.pid), compiler_seconds(proxy.process.pid)
        load(proxy, row, slice, folder)
        quiet = quiet + 1 if compiler_seconds(proxy.process.pid) - compiler < (cpu_seconds(proxy.process.pid) - cpu) / 50 else 0
        if quiet == 3:
            return


def memory_mib(pid):
    total = 0
    for p in tree(pid):
        try:
            total += sum(int(l.split()[1]) for l in open(f"/proc/{p}/smaps_rollup") if l.startswith("Pss:"))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return total / 1024


def load(proxy, row, seconds, folder):
    _, kind, path, extra = ROWS[row]
    plain, secure = f"http://127.0.0.1:{proxy.port}{path}", f"https://127.0.0.1:{proxy.tls}{path}"
    log = f"{folder}/h2load.log"
    if kind.startswith("wrk"):
        connections = "8" if kind == "wrk8" else "64"
        extra = ["-s", f"{folder}/post.lua"] if extra else []
        command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--latency", *extra, secure if kind == "wrk-tls" else plain]
    elif kind == "h2":
        command = ["h2load", "-c16", "-m8", "-D", str(seconds), f"--log-file={log}", secure]
    else:
        command = ["h2load", "--h1", "-c64", f"--rps={int(row[4:]) // 64}", "-D", str(seconds), f"--log-file={log}", plain]
    if os.path.exists(log):
        os.remove(log)
    before = cpu_seconds(proxy.process.pid)
    out = subprocess.run(pinned(1) + command, capture_output=True, text=True, timeout=seconds + 60).stdout
    used = cpu_seconds(proxy.process.pid) - before
    if kind.startswith("wrk"):
        requests = int((re.search(r"(\d+) requests in", out) or [0, 0])[1])
        bad = int((re.search(r"Non-2xx or 3xx responses: (\d+)", out) or [0, 0])[1])
        broken = sum(map(int, re.findall(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", out)[0])) if "Socket errors" in out else 0
        p99 = to_ms((re.search(r"(?m)^\s+99%\s+(\S+)", out) or [0, "0"])[1])
    else:
        status = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", out)
        requests, bad = int(status[1]) if status else 0, sum(int(status[n]) for n in (3, 4)) if status else 0
        broken = int((re.search(r"(\d+) errored", out) or [0, 0])[1])
        times = sorted(int(l.split()[2]) for l in open(log)) if os.path.exists(log) else []
        p99 = times[int(len(times) * 0.99)] / 1000 if times else 0
    if requests == 0 or (bad > 0) != (row == "dead") or broken > requests // 100:
        sys.exit(f"{proxy.name} did not answer {row} as it must ({requests} requests, {bad} refused, {broken} broken):\n{out}\n{open(f'{folder}/{proxy.name}.out').read()[-2000:]}")
    return {"cpu": used * 1e6 / requests, "p99": p99, "rate": requests / seconds, "memory": memory_mib(proxy.process.pid)}


def to_ms(text):
    m = re.match(r"([\d.]+)(us|ms|s|m)?", text)
    return float(m[1]) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000, None: 1}[m[2]]


NGINX = """worker_processes {workers}; pid {folder}/{name}.pid; error_log {folder}/{name}.err emerg; daemon off;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nodelay on; default_type text/plain; keepalive_requests 1000000000; keepalive_timeout 300s;
  client_body_temp_path {folder}/{name}_cb; proxy_temp_path {folder}/{name}_px; fastcgi_temp_path {folder}/{name}_fc; uwsgi_temp_path {folder}/{name}_uw; scgi_temp_path {folder}/{name}_sc;
  client_body_buffer_size 64k; client_max_body_size 64m;
  {http}
}}
"""
UPSTREAM = """server {{ listen 127.0.0.1:{port} backlog=4096 reuseport; root {folder}/www;
    location = /small {{ return 200 "hello from upstream, 48 bytes of plain text....\\n"; }}
    location = /drain {{ return 200 "ok\\n"; }}
    location / {{ }}
  }}"""
FRONT = """proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $host;
  proxy_max_temp_file_size 0; proxy_buffer_size 64k; proxy_buffers 16 64k; proxy_busy_buffers_size 128k;
  upstream up {{ server 127.0.0.1:{up} max_fails=0; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 300s; }}
  upstream dead {{ server 127.0.0.1:{dead} max_fails=0; keepalive 256; }}
  server {{ listen 127.0.0.1:{port} backlog=4096; location /dead {{ proxy_pass http://dead; }} location / {{ proxy_pass http://up; }} }}
  server {{ listen 127.0.0.1:{tls} ssl http2 backlog=4096; ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem; ssl_session_cache shared:a:10m;
    location /dead {{ proxy_pass http://dead; }} location / {{ proxy_pass http://up; }} }}"""
HAPROXY = """global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  option forwardfor
  http-reuse always
  retries 0
frontend f
  bind 127.0.0.1:{port} backlog 4096
  bind 127.0.0.1:{tls} ssl crt {folder}/both.pem alpn h2,http/1.1 backlog 4096
  use_backend dead if {{ path_beg /dead }}
  default_backend up
backend up
  server s1 127.0.0.1:{up} pool-max-conn 1024
backend dead
  server s1 127.0.0.1:{dead}
"""
CADDY = """{{
  admin off
  auto_https off
  http_port {port}
  https_port {tls}
  log {{
    level PANIC
  }}
}}
http://127.0.0.1:{port} {{
  bind 127.0.0.1
  handle /dead* {{
    reverse_proxy 127.0.0.1:{dead}
  }}
  handle {{
    reverse_proxy 127.0.0.1:{up} {{
      transport http {{
        keepalive_idle_conns_per_host 1024
        keepalive_idle_conns 1024
      }}
    }}
  }}
}}
https://127.0.0.1:{tls} {{
  bind 127.0.0.1
  tls {folder}/cert.pem {folder}/key.pem
  reverse_proxy 127.0.0.1:{up} {{
    transport http {{
      keepalive_idle_conns_per_host 1024
    }}
  }}
}}
"""


def write(path, text):
    with open(path, "w") as f:
        f.write(text)
    return path


def in_folder(name, measure):
    """Runs measure(folder, started) in a folder of its own, and ends whatever it has put into started."""
    folder = tempfile.mkdtemp(prefix=f"proxygate-{name}-")
    os.chmod(folder, 0o755)  # nginx's workers are somebody else when root starts it
    started = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        return measure(folder, started)
    finally:
        for p in reversed(started):
            p.terminate()
        for p in started:
            try:
                p.wait(40)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    a = parse()
    return in_folder("compare", lambda folder, started: compare(a, folder, started))


def compare(a, folder, started):
    os.makedirs(f"{folder}/www")
    write(f"{folder}/www/100k", "x" * 102400)
    write(f"{folder}/www/10m", "x" * 10485760)
    write(f"{folder}/post.lua", 'wrk.method = "POST"\nwrk.body = string.rep("p", 10240)\nwrk.headers["Content-Type"] = "application/octet-stream"\n')
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"], check=True, capture_output=True)
    write(f"{folder}/both.pem", open(f"{folder}/cert.pem").read() + open(f"{folder}/key.pem").read())
    up, dead = free(), free()  # nobody listens on the second

    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    conf = write(f"{folder}/upstream.conf", NGINX.format(workers=1, folder=folder, name="upstream", http=UPSTREAM.format(port=up, folder=folder)))
    upstream = subprocess.Popen(pinned(1) + [nginx, "-e", "/dev/null", "-c", conf], stdout=open(f"{folder}/upstream.out", "w"), stderr=subprocess.STDOUT)
    started.append(upstream)
    wait_port(up, upstream, f"{folder}/upstream.out")

    def nginx_command(p, f):
        http = FRONT.format(up=up, dead=dead, port=p.port, tls=p.tls, folder=f)
        return [nginx, "-e", "/dev/null", "-c", write(f"{f}/{p.name}.conf", NGINX.format(workers=1, folder=f, name=p.name, http=http))]

    def haproxy_command(p, f):
        return [haproxy, "-f", write(f"{f}/haproxy.cfg", HAPROXY.format(up=up, dead=dead, port=p.port, tls=p.tls, folder=f)), "-db"]

    def caddy_command(p, f):
        return [caddy, "run", "--config", write(f"{f}/Caddyfile", CADDY.format(up=up, dead=dead, port=p.port, tls=p.tls, folder=f)), "--adapter", "caddyfile"]

    def proxygate_command(p, f):
        one = lambda port: {"Destinations": {"one": {"Address": f"http://127.0.0.1:{port}"}}}
        config = {
            "ProxyGate": {
                "Listen": [f"http://127.0.0.1:{p.port}", f"https://127.0.0.1:{p.tls}"],
                "Certificates": [{"Certificate": f"{f}/cert.pem", "Key": f"{f}/key.pem"}],
                "Admin": {"Listen": "http://127.0.0.1:0"},
            },
            "ReverseProxy": {
                "Routes": {"dead": {"ClusterId": "dead", "Match": {"Path": "/dead"}}, "all": {"ClusterId": "up", "Match": {"Path": "/{**rest}"}}},
                "Clusters": {"up": one(up), "dead": one(dead)},
            },
        }
        return [a.proxygate, "run", "--config", write(f"{f}/proxygate.json", json.dumps(config))]

    proxies = [Proxy("nginx", nginx_command), Proxy("nginx-again", nginx_command)]
    haproxy, caddy = (None if a.alone else shutil.which(n, path=os.environ["PATH"] + ":/usr/sbin") for n in ("haproxy", "caddy"))
    if haproxy:
        proxies.append(Proxy("haproxy", haproxy_command))
    if caddy:
        proxies.append(Proxy("caddy", caddy_command, {"HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder, "GOMAXPROCS": "1"}))
    if a.yarp:
        proxies.append(Proxy("bare YARP", lambda p, f: [a.yarp, str(p.port), str(up), str(dead), str(p.tls), f"{f}/cert.pem", f"{f}/key.pem"]))
    proxies.append(Proxy("proxygate", proxygate_command))
    for name, there in (("HAProxy", haproxy), ("Caddy", caddy)):
        if not there and not a.alone:
            print(f"{name} is not installed: left out", file=sys.stderr)
    for p in proxies:
        p.start(folder)
        started.append(p.process)

    results = {}
    for row in a.rows:
        for p in proxies:
            if p.name == "caddy":
                load(p, row, 2, folder)
            elif p.name in ("proxygate", "bare YARP"):
                warm_up(p, row, a.warm, folder)
        for n in range(a.rounds):
            for p in proxies:
                seen = load(p, row, a.seconds, folder)
                results.setdefault((row, p.name), []).append(seen)
                print(f"{row:9} round {n + 1} {p.name:12} {seen['cpu']:9.1f} us  p99 {seen['p99']:7.2f} ms  {seen['rate']:8.0f}/s  {seen['memory']:5.0f} MiB", file=sys.stderr)

    names = [p.name for p in proxies]
    lines = table(results, a.rows, names)
    machine = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown processor")
    head = (f"CPU per request as a multiple of nginx's in the same round: median [least, most] of {a.rounds} rounds of {a.seconds} s, {time.strftime('%Y-%m-%d')}, {machine}, "
            f"one processor for each proxy, loopback. `nginx again` is the same nginx a second time: the machine's noise. Every figure of ProxyGate is with its diagnosis on.")
    text = head + "\n\n" + "\n".join(lines) + "\n"
    print(text)
    if a.readme:
        into_readme(text)
    too_much = [(r, m, a.limit[r]) for r in a.rows if r in a.limit and (m := statistics.median(ratios(results, r, "proxygate"))) > a.limit[r]]
    for row, measured, limit in too_much:
        print(f"{row}: {measured:.2f} times nginx, more than {limit}", file=sys.stderr)
    return 1 if too_much else 0


def ratios(results, row, name):
    return [x["cpu"] / n["cpu"] for x, n in zip(results[row, name], results[row, "nginx"])]


def table(results, rows, names):
    title = {"proxygate": "ProxyGate", "haproxy": "HAProxy", "caddy": "Caddy", "nginx-again": "nginx again", "bare YARP": "bare YARP"}
    order = [n for n in ("proxygate", "nginx-again", "haproxy", "caddy", "bare YARP") if n in names]
    yield_lines = ["| work | nginx, µs | " + " | ".join(title[n] for n in order) + " | p99 ms, ProxyGate / nginx | ProxyGate, MiB |", "|---|---|" + "---|" * len(order) + "---|---|"]
    for row in rows:
        mid = lambda name, what: statistics.median(x[what] for x in results[row, name])
        cells = []
        for n in order:
            r = ratios(results, row, n)
            cells.append(f"{statistics.median(r):.2f} [{min(r):.2f}, {max(r):.2f}]")
        yield_lines.append(f"| {ROWS[row][0]} | {mid('nginx', 'cpu'):.1f} | " + " | ".join(cells) + f" | {mid('proxygate', 'p99'):.1f} / {mid('nginx', 'p99'):.1f} | {mid('proxygate', 'memory'):.0f} |")
    return yield_lines


def into_readme(text):
    begin, end = "<!-- tests/load/compare.sh --readme writes from here -->", "<!-- to here -->"
    readme = open("README.md").read()
    if begin not in readme or end not in readme:
        sys.exit("README.md has no place for the table")
    before, after = readme.split(begin)[0], readme.split(end)[1]
    with open("README.md", "w") as f:
        f.write(f"{before}{begin}\n{text}{end}{after}")


if __name__ == "__main__":
    sys.exit(main())
