#!/usr/bin/env python3
"""The same faults through ProxyGate, nginx, HAProxy and Caddy, and one table of what the clients saw.

usage: side_by_side.py PROXYGATE SECONDS REQUESTS_A_SECOND [PROXY…]

Each fault takes SECONDS, for each proxy. GETs and POSTs in turn; an app writes down the id of every POST it acts on, before it answers.
  kill     three apps, one killed with SIGKILL every three seconds and started again a second later
  closing  one app that closes idle connections after a random time of up to 100 ms
  outage   three apps, all killed for half of the time
  reload   three apps, and the proxy reads its configuration again every 200 ms
A request has failed when its first sending did not bring the app's answer: another status, a broken connection, none within ten seconds. A
kept-alive connection that the proxy was seen to close before is replaced first, as every client does. "median while down" and "full service
after" are of the outage: how long the answers took meanwhile, and when the last request failed, counted from the moment an app listens again.

ProxyGate runs with its defaults; the others as their documentation sets up balancing with checks (see the functions below). Loopback only.
"""
import asyncio, collections, json, os, random, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

CLIENTS = 32
WARM_UP = 2  # seconds that are not counted: a program has to be loaded and compiled once
ANSWER_LIMIT = 10
RELOAD_EVERY = 0.2
KILL_EVERY = 3
DEAD_FOR = 1
BODY = b'{"order": "one of everything"}'


# The app: what this script is when it is started as "side_by_side.py app PORT BOOK LONGEST_IDLE_MS".

async def serve(reader, writer, book, longest_idle):
    wait = None  # a connection that has just been made is not idle
    try:
        while True:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), wait)
            line, *fields = head.split(b"\r\n")
            method, target, version = line.split(b" ", 2)
            if version != b"HTTP/1.1":
                return  # a look at what is spoken here
            wait = random.uniform(0, longest_idle) if longest_idle else None
            length = next((int(f.split(b":", 1)[1]) for f in fields if f.lower().startswith(b"content-length:")), 0)
            if length:
                await reader.readexactly(length)
            if method == b"POST":
                os.write(book, target + b"\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(target), target))
            await writer.drain()
    except (asyncio.IncompleteReadError, asyncio.TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()


async def app(port, file, longest_idle):
    book = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    server = await asyncio.start_server(lambda r, w: serve(r, w, book, longest_idle), sock=bound(port), backlog=512)
    async with server:
        await server.serve_forever()


def bound(port=0):
    """A bound socket that others of this script may be bound beside: so a port stays ours while its app is dead."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(("127.0.0.1", port))
    return s


class App:
    def __init__(self, folder, longest_idle_ms=0):
        self.held = bound()
        self.port = self.held.getsockname()[1]
        self.book = os.path.join(folder, f"book-{self.port}")
        self.longest_idle_ms = longest_idle_ms
        self.process = None

    async def start(self):
        self.process = subprocess.Popen([sys.executable, os.path.abspath(__file__), "app", str(self.port), self.book, str(self.longest_idle_ms)])
        await listening(self.port, self.process)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def posts(self):
        if not os.path.exists(self.book):
            return []
        with open(self.book) as f:
            return f.read().split()

    def close(self):
        self.kill()
        self.held.close()


async def listening(port, process, limit=30):
    until = time.monotonic() + limit
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.01)
    raise RuntimeError(f"nobody listens on port {port} after {limit} s")


# The proxies.

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Proxy:
    """One running proxy in a folder of its own. A port that is taken meanwhile is another start's luck."""

    def __init__(self, folder, apps):
        self.folder, self.apps, self.process = folder, apps, None

    async def start(self):
        for attempt in range(3):
            self.port, self.admin = free_port(), free_port()
            with open(self.file(), "w") as f:
                f.write(self.config())
            self.log = open(os.path.join(self.folder, "output.log"), "w")
            self.process = subprocess.Popen(self.command(), cwd=self.folder, stdout=self.log, stderr=self.log, env={**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": self.folder, "XDG_DATA_HOME": self.folder})
            try:
                await listening(self.port, self.process)
                return
            except RuntimeError:
                self.stop()
                if attempt == 2:
                    with open(self.log.name) as f:
                        raise RuntimeError(f"{self.name} does not start:\n{f.read()[-2000:]}") from None

    def file(self):
        return os.path.join(self.folder, "config")

    async def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        self.log.close()


class ProxyGate(Proxy):
    name, program = "ProxyGate", None

    def file(self):
        return os.path.join(self.folder, "proxygate.json")

    def config(self):
        self.generation = getattr(self, "generation", 0) + 1
        return json.dumps({
            "ProxyGate": {"Listen": [f"http://127.0.0.1:{self.port}"], "Admin": {"Listen": f"http://127.0.0.1:{self.admin}"}},
            "ReverseProxy": {
                "Routes": {"all": {"ClusterId": "app", "Match": {"Path": "/{**rest}"}, "Metadata": {"Generation": str(self.generation)}}},
                "Clusters": {"app": {"LoadBalancingPolicy": "RoundRobin", "Destinations": {f"app{n}": {"Address": f"http://127.0.0.1:{a.port}"} for n, a in enumerate(self.apps)}}},
            },
        })

    def command(self):
        return [self.program, "run", "--config", self.file()]

    async def reload(self):
        new = self.file() + ".new"
        with open(new, "w") as f:
            f.write(self.config())
        os.rename(new, self.file())
        self.process.send_signal(signal.SIGHUP)


class Nginx(Proxy):
    name, program = "nginx", shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

    def config(self):
        servers = " ".join(f"server 127.0.0.1:{a.port};" for a in self.apps)
        temp = " ".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""
            daemon off; worker_processes 2; worker_shutdown_timeout 5s; pid {self.folder}/pid; error_log {self.folder}/error.log;
            events {{ worker_connections 4096; }}
            http {{
                access_log off; {temp} keepalive_requests 1000000;
                upstream app {{ {servers} keepalive 32; }}
                server {{
                    listen 127.0.0.1:{self.port};
                    location / {{
                        proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";
                        proxy_connect_timeout 3s; proxy_read_timeout 10s;
                    }}
                }}
            }}"""

    def command(self):
        return [self.program, "-p", self.folder, "-e", os.path.join(self.folder, "error.log"), "-c", self.file()]


class HAProxy(Proxy):
    name, program = "HAProxy", shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")

    def config(self):
        servers = "\n".join(f"    server app{n} 127.0.0.1:{a.port} check inter 1s" for n, a in enumerate(self.apps))
        return f"""
global
    maxconn 4000
    hard-stop-after 5s
defaults
    mode http
    timeout connect 3s
    timeout client 60s
    timeout server 10s
    option redispatch
frontend site
    bind 127.0.0.1:{self.port}
    default_backend app
backend app
    balance roundrobin
{servers}
"""

    def command(self):
        return [self.program, "-W", "-f", self.file()]

    async def reload(self):
        self.process.send_signal(signal.SIGUSR2)


class Caddy(Proxy):
    name, program = "Caddy", shutil.which("caddy")

    def config(self):
        apps = " ".join(f"127.0.0.1:{a.port}" for a in self.apps)
        return f"""
{{
    admin 127.0.0.1:{self.admin}
    auto_https off
}}
http://:{self.port} {{
    bind 127.0.0.1
    reverse_proxy {apps} {{
        lb_policy round_robin
        lb_try_duration 1s
        fail_duration 1s
    }}
}}
"""

    def command(self):
        return [self.program, "run", "--adapter", "caddyfile", "--config", self.file()]

    async def reload(self):
        config = self.config().encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.admin)
        writer.write(
            b"POST /load HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: text/caddyfile\r\nCache-Control: must-revalidate\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            % (self.admin, len(config), config))
        await reader.read()
        writer.close()


# The clients.

Seen = collections.namedtuple("Seen", "began ended answered")


class Client:
    """One connection that is kept while it lasts."""

    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    async def send(self, method, target):
        began = time.monotonic()
        answered = False
        try:
            async with asyncio.timeout(ANSWER_LIMIT):
                answered = await self.exchange(method, target)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ValueError):
            self.close()
        return Seen(began, time.monotonic(), answered)

    async def exchange(self, method, target):
        if self.reader is None or self.reader.at_eof():
            self.close()
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = BODY if method == "POST" else b""
        length = f"Content-Length: {len(body)}\r\nContent-Type: application/json\r\n" if body else ""
        self.writer.write(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n".encode() + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])}
        if fields.get("transfer-encoding", "").lower() == "chunked":
            answer = b""
            while size := int((await self.reader.readline()).split(b";")[0], 16):
                answer += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readline()
        elif "content-length" in fields:
            answer = await self.reader.readexactly(int(fields["content-length"]))
        else:
            answer = await self.reader.read()
        if fields.get("connection", "").lower() == "close":
            self.close()
        return head.split(" ", 2)[1] == "200" and answer.decode() == target

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


async def load(proxy, rate, until, name):
    seen = []
    await asyncio.gather(*(visit(n, proxy.port, rate, until, name, seen) for n in range(CLIENTS)))
    return seen


async def visit(number, port, rate, until, name, seen):
    client = Client(port)
    pause = CLIENTS / rate
    due = time.monotonic() + pause * number / CLIENTS
    count = 0
    while (now := time.monotonic()) < until:
        if now < due:
            await asyncio.sleep(due - now)
        due = max(due + pause, time.monotonic() - pause)
        method = "POST" if count % 2 else "GET"
        seen.append(await client.send(method, f"/{name}/{number}-{count}"))
        count += 1
    client.close()


# The faults.

async def kill(proxy, apps, until, marks):
    await asyncio.sleep(1)
    for n in range(10**9):
        if time.monotonic() + DEAD_FOR + 1 > until:
            return
        victim = apps[n % len(apps)]
        victim.kill()
        await asyncio.sleep(DEAD_FOR)
        await victim.start()
        await asyncio.sleep(max(0, KILL_EVERY - DEAD_FOR))


async def outage(proxy, apps, until, marks):
    length = until - time.monotonic()
    await asyncio.sleep(length / 4)
    for one in apps:
        one.kill()
    marks["down"] = time.monotonic()
    await asyncio.sleep(length / 2)
    starting = [asyncio.create_task(one.start()) for one in apps]
    await asyncio.wait(starting, return_when=asyncio.FIRST_COMPLETED)
    marks["up"] = time.monotonic()
    await asyncio.gather(*starting)


async def reload(proxy, apps, until, marks):
    while time.monotonic() + RELOAD_EVERY < until:
        await asyncio.sleep(RELOAD_EVERY)
        await proxy.reload()


async def closing(proxy, apps, until, marks):
    pass


FAULTS = {"kill": (kill, 3, 0), "closing": (closing, 1, 100), "outage": (outage, 3, 0), "reload": (reload, 3, 0)}


async def measure(kind, fault, seconds, rate):
    act, count, longest_idle_ms = FAULTS[fault]
    folder = tempfile.mkdtemp(prefix="proxygate-side-")
    os.chmod(folder, 0o755)  # nginx's workers are nobody's
    apps = [App(folder, longest_idle_ms) for _ in range(count)]
    proxy = kind(folder, apps)
    try:
        await asyncio.gather(*(one.start() for one in apps))
        await proxy.start()
        await load(proxy, rate, time.monotonic() + WARM_UP, "warm")
        until = time.monotonic() + seconds
        marks = {}
        acting = asyncio.create_task(act(proxy, apps, until, marks))
        seen = await load(proxy, rate, until, "run")
        await asyncio.wait_for(acting, 60)
        posts = collections.Counter(p for one in apps for p in one.posts())
    finally:
        proxy.stop()
        for one in apps:
            one.close()
        shutil.rmtree(folder)
    row = [proxy.name, fault, len(seen), sum(not s.answered for s in seen), sum(n > 1 for n in posts.values()), median(seen)]
    if "up" in marks:
        row.append(median([s for s in seen if s.began > marks["down"] and s.ended < marks["up"]]))
        late = [s.ended - marks["up"] for s in seen if not s.answered and s.ended > marks["up"]]
        row.append(f"{max(late) * 1000:.0f} ms" if late else "0 ms")
    return row


def median(seen):
    return f"{statistics.median(s.ended - s.began for s in seen) * 1000:.1f} ms" if seen else "none"


def table(rows):
    rows = [["proxy", "fault", "requests", "failed", "POSTs twice", "median", "median while down", "full service after"], *rows]
    cells = [[str(c) for c in row] + [""] * (8 - len(row)) for row in rows]
    widths = [max(len(row[n]) for row in cells) for n in range(8)]
    for number, row in enumerate(cells):
        print("  ".join(c.ljust(w) if n < 2 else c.rjust(w) for n, (c, w) in enumerate(zip(row, widths))).rstrip())
        if number == 0:
            print("  ".join("-" * w for w in widths))


def main():
    ProxyGate.program, seconds, rate = os.path.abspath(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    wanted = {w.lower() for w in sys.argv[4:]}
    kinds = [k for k in (ProxyGate, Nginx, HAProxy, Caddy) if not wanted or k.name.lower() in wanted]
    if seconds < 6 or rate < CLIENTS or len(kinds) < len(wanted):
        sys.exit(f"usage: side_by_side.py PROXYGATE SECONDS REQUESTS_A_SECOND [ProxyGate|nginx|HAProxy|Caddy…]: at least 6 s and {CLIENTS} requests a second")
    rows = []
    for kind in kinds:
        if kind.program is None:
            print(f"{kind.name} is not installed and left out.", file=sys.stderr)
            continue
        for fault in FAULTS:
            print(f"{kind.name}: {fault}, {seconds} s", file=sys.stderr)
            rows.append(asyncio.run(measure(kind, fault, seconds, rate)))
    table(rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["app"]:
        asyncio.run(app(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]) / 1000))
    else:
        main()
