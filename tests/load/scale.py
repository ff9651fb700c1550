#!/usr/bin/env python3
"""What a request costs with few and with many routes and destinations; see scale.sh.

Half of the routes are told apart by the beginning of the path and half by the host, and the requests go to all of them in turn. The destinations are
addresses of their own (127.x.y.z) on which one nginx listens. One gateway for each size, all running, measured in turn; each has the first processor,
the load and the app have the second. Beside them stands nginx as a proxy with the same routes and destinations: what many sockets cost the kernel and
the processor's caches, it pays as well.
"""
import argparse, json, os, re, shutil, statistics, subprocess, sys

from compare import NGINX, Proxy, cpu_seconds, free, in_folder, memory_mib, pinned, wait_port, write

KINDS = {"routes": [10, 1000, 10000], "destinations": [1, 100, 1000], "down": [10, 100, 1000]}
WORDS = {"routes": "routes", "destinations": "destinations", "down": "destinations, one refuses"}
MOST = 1000  # addresses that nginx listens on


def parse():
    p = argparse.ArgumentParser(prog="scale.sh")
    p.add_argument("proxygate")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=int, default=3)
    p.add_argument("--warm", type=int, default=15, help="seconds of load before a gateway's first round")
    p.add_argument("--kinds", default=" ".join(KINDS))
    p.add_argument("--limit", type=float, help="most that a median may be of the smallest's")
    a = p.parse_args()
    a.kinds = a.kinds.split()
    unknown = [k for k in a.kinds if k not in KINDS]
    if unknown:
        p.error(f"unknown kinds: {' '.join(unknown)} (there are: {' '.join(KINDS)})")
    for need in ("nginx", "wrk"):
        if not shutil.which(need, path=os.environ["PATH"] + ":/usr/sbin"):
            p.error(f"{need} is not installed")
    return a


def address(n):
    return f"127.{64 + n // 62500}.{n // 250 % 250}.{n % 250 + 1}"


def config(kind, size, port, up, dead):
    routes, destinations = (size, 1) if kind == "routes" else (10, size)
    paths = {f"path{n}": {"ClusterId": "up", "Match": {"Path": f"/section{n}/{{**rest}}"}} for n in range(routes // 2)}
    hosts = {f"host{n}": {"ClusterId": "up", "Match": {"Hosts": [f"shop{n}.example"], "Path": "/{**rest}"}} for n in range(routes // 2)}
    all_of_them = {f"app{n}": {"Address": f"http://{address(n)}:{dead if kind == 'down' and n == 0 else up}"} for n in range(destinations)}
    return {
        "ProxyGate": {"Listen": [f"http://127.0.0.1:{port}"], "Admin": {"Listen": "http://127.0.0.1:0"}},
        "ReverseProxy": {"Routes": paths | hosts, "Clusters": {"up": {"Destinations": all_of_them}}},
    }


NGINX_ROUTES = """proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  server_names_hash_max_size 32768; server_names_hash_bucket_size 128;
  upstream up {{ {servers} keepalive 4096; keepalive_requests 1000000000; keepalive_timeout 300s; }}
  server {{ listen 127.0.0.1:{port} default_server backlog=4096; location = /small {{ proxy_pass http://up; }} {paths} }}
  {hosts}"""


def many(folder, name, http):
    """A configuration of nginx's for as many connections as there are destinations, and more."""
    text = NGINX.format(workers=1, folder=folder, name=name, http=http)
    return write(f"{folder}/{name}.conf", text.replace("worker_connections 4096", "worker_connections 16384"))


def nginx_config(kind, size, port, up, dead):
    routes, destinations = (size, 1) if kind == "routes" else (10, size)
    return NGINX_ROUTES.format(
        port=port,
        servers=" ".join(f"server {address(n)}:{dead if kind == 'down' and n == 0 else up};" for n in range(destinations)),
        paths=" ".join(f"location /section{n}/ {{ proxy_pass http://up; }}" for n in range(routes // 2)),
        hosts="\n  ".join(f"server {{ listen 127.0.0.1:{port}; server_name shop{n}.example; location / {{ proxy_pass http://up; }} }}" for n in range(routes // 2)))


def requests(routes):
    """For wrk: requests to every route in turn."""
    return f"""local all, at = {{}}, 0
function init(args)
  for n = 0, {routes // 2 - 1} do
    table.insert(all, "GET /section" .. n .. "/small HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
    table.insert(all, "GET /small HTTP/1.1\\r\\nHost: shop" .. n .. ".example\\r\\n\\r\\n")
  end
end
function request()
  at = at % #all + 1
  return all[at]
end
"""


def load(proxy, seconds, folder):
    before = cpu_seconds(proxy.process.pid)
    out = subprocess.run(pinned(1) + ["wrk", "-t1", "-c32", f"-d{seconds}s", "-s", f"{folder}/{proxy.name}.lua", f"http://127.0.0.1:{proxy.port}/small"],
                         capture_output=True, text=True, timeout=seconds + 60).stdout
    used = cpu_seconds(proxy.process.pid) - before
    answered = int((re.search(r"(\d+) requests in", out) or [0, 0])[1])
    refused = int((re.search(r"Non-2xx or 3xx responses: (\d+)", out) or [0, 0])[1])
    if answered == 0 or refused or "Socket errors" in out:
        sys.exit(f"{proxy.name} did not answer as it must:\n{out}\n{open(f'{folder}/{proxy.name}.out').read()[-2000:]}")
    return used * 1e6 / answered


def main():
    a = parse()
    return in_folder("scale", lambda folder, started: measure(a, folder, started))


def measure(a, folder, started):
    up, dead = free(), free()  # nobody listens on the second
    listens = " ".join(f"listen {address(n)}:{up};" for n in range(MOST))
    conf = many(folder, "app", f'server {{ {listens} location / {{ return 200 "48 bytes of plain text from the app behind it....\\n"; }} }}')
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    app = subprocess.Popen(pinned(1) + [nginx, "-e", "/dev/null", "-c", conf], stdout=open(f"{folder}/app.out", "w"), stderr=subprocess.STDOUT)
    started.append(app)

    def command(kind, size):
        return lambda proxy, f: [a.proxygate, "run", "--config", write(f"{f}/{proxy.name}.json", json.dumps(config(kind, size, proxy.port, up, dead)))]

    def nginx_command(kind, size):
        return lambda proxy, f: [nginx, "-e", "/dev/null", "-c", many(f, proxy.name, nginx_config(kind, size, proxy.port, up, dead))]

    limit, status = a.limit or float("inf"), 0
    print(f"| {'':41} | CPU µs | of the smallest: median [least, most] | MiB |\n|{'-' * 43}|---|---|---|")
    for kind in a.kinds:
        sizes = KINDS[kind]
        proxies = {}
        for who, size in [("", sizes[0]), *(("", size) for size in sizes), *(("nginx, ", size) for size in sizes)]:
            name = f"{who}{size:,} {WORDS[kind]}"
            name += ", again" if name in proxies else ""
            proxies[name] = Proxy(re.sub(r"\W+", "-", name), (nginx_command if who else command)(kind, size))
            write(f"{folder}/{proxies[name].name}.lua", requests(size if kind == "routes" else 10))
        for p in proxies.values():
            p.start(folder)
            started.append(p.process)
        seen = {name: [] for name in proxies}
        for p in proxies.values():
            load(p, a.warm, folder)
        for _ in range(a.rounds):
            for name, p in proxies.items():
                seen[name].append(load(p, a.seconds, folder))
        smallest = f"{sizes[0]:,} {WORDS[kind]}"
        for name, p in proxies.items():
            of = f"nginx, {smallest}" if name.startswith("nginx") else smallest
            ratios = [x / y for x, y in zip(seen[name], seen[of])]
            print(f"| {name:41} | {statistics.median(seen[name]):6.1f} | {statistics.median(ratios):.2f} [{min(ratios):.2f}, {max(ratios):.2f}] | {memory_mib(p.process.pid):.0f} |", flush=True)
            if statistics.median(ratios) > limit and not name.endswith("again") and of == smallest:
                print(f"{name}: {statistics.median(ratios):.2f} times the smallest, more than {limit}", file=sys.stderr)
                status = 1
        for p in proxies.values():
            p.process.terminate()
    return status


if __name__ == "__main__":
    sys.exit(main())
