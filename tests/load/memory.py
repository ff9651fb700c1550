#!/usr/bin/env python3
"""The gateway's memory with many idle kept-alive connections; see memory.sh."""
import argparse, json, os, re, resource, shutil, socket, ssl, subprocess, sys, time, urllib.request

from compare import NGINX, UPSTREAM, free, in_folder, wait_port, write

REQUEST = b"GET /small HTTP/1.1\r\nHost: localhost\r\nUser-Agent: memory.sh\r\nAccept: */*\r\n\r\n"


def parse():
    p = argparse.ArgumentParser(prog="memory.sh")
    p.add_argument("proxygate")
    p.add_argument("--connections", type=int, default=10_000)
    p.add_argument("--requests", type=int, default=1)
    p.add_argument("--idle", type=float, default=20, help="seconds that nothing happens before it is measured")
    p.add_argument("--limit", type=float, help="most MiB over plain HTTP")
    p.add_argument("--kinds", default="http https")
    p.add_argument("--env", action="append", default=[], help="NAME=VALUE for the gateway")
    return p.parse_args()


def memory(pid):
    """(Pss, Rss, anonymous) in MiB."""
    found = dict(re.findall(r"(?m)^(\w+):\s+(\d+) kB", open(f"/proc/{pid}/smaps_rollup").read()))
    return tuple(int(found[k]) / 1024 for k in ("Pss", "Rss", "Anonymous"))


def managed(admin):
    """The managed heap after the last collection and what was allocated since the start, in MiB, from the gateway's own metrics."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{admin}/metrics", timeout=30).read().decode()
    total = lambda name: sum(float(v) for v in re.findall(rf"(?m)^{name}(?:{{[^}}]*}})? (\S+)", text)) / 1048576
    return total("dotnet_gc_last_collection_heap_size_bytes"), total("dotnet_gc_last_collection_memory_committed_size_bytes")


def ask(connection, times):
    for _ in range(times):
        connection.sendall(REQUEST)
        answer = b""
        while b"upstream, 48 bytes" not in answer:
            more = connection.recv(4096)
            if not more:
                sys.exit(f"the gateway closed a connection after {answer!r}")
            answer += more


def main():
    a = parse()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < a.connections + 500:
        sys.exit(f"{a.connections} connections need more open files than the limit of {hard}: raise it (ulimit -Hn).")
    return in_folder("memory", lambda folder, started: measure(a, folder, started))


def measure(a, folder, started):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"], check=True, capture_output=True)
    up = free()
    os.makedirs(f"{folder}/www")
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    conf = write(f"{folder}/app.conf", NGINX.format(workers=1, folder=folder, name="app", http=UPSTREAM.format(port=up, folder=folder)))
    app = subprocess.Popen([nginx, "-e", "/dev/null", "-c", conf], stdout=open(f"{folder}/app.out", "w"), stderr=subprocess.STDOUT)
    started.append(app)
    wait_port(up, app, f"{folder}/app.out")
    result = 0
    print(f"| {a.connections:,} idle connections | MiB before (PSS) | PSS | RSS | anonymous | managed heap | committed | KiB each |\n|---|---|---|---|---|---|---|---|")
    for kind in a.kinds.split():
        port, admin = free(), free()
        config = write(f"{folder}/{kind}.json", json.dumps({
            "ProxyGate": {
                "Listen": [f"{kind}://127.0.0.1:{port}"], "Admin": {"Listen": f"http://127.0.0.1:{admin}"}, "Limits": {"KeepAlive": "1h"},
                "Certificates": [{"Certificate": f"{folder}/cert.pem", "Key": f"{folder}/key.pem"}],
            },
            "ReverseProxy": {
                "Routes": {"all": {"ClusterId": "up", "Match": {"Path": "/{**rest}"}}},
                "Clusters": {"up": {"Destinations": {"one": {"Address": f"http://127.0.0.1:{up}"}}}},
            },
        }))
        gateway = subprocess.Popen([a.proxygate, "run", "--config", config], cwd=folder, stdout=open(f"{folder}/{kind}.out", "w"), stderr=subprocess.STDOUT,
                                   env={**os.environ, **dict(e.split("=", 1) for e in a.env)})
        started.append(gateway)
        wait_port(port, gateway, f"{folder}/{kind}.out")
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connect = lambda: (lambda s: trusting.wrap_socket(s, server_hostname="localhost") if kind == "https" else s)(socket.create_connection(("127.0.0.1", port), timeout=60))
        first = connect()
        ask(first, 50)
        managed(admin)
        before = memory(gateway.pid)
        idle = [first]
        for _ in range(a.connections - 1):
            connection = connect()
            ask(connection, a.requests)
            idle.append(connection)
        time.sleep(a.idle)
        after, heap = memory(gateway.pid), managed(admin)
        each = (after[0] - before[0]) * 1024 / a.connections
        print(f"| {kind} | {before[0]:.0f} | {after[0]:.0f} | {after[1]:.0f} | {after[2]:.0f} | {heap[0]:.0f} | {heap[1]:.0f} | {each:.1f} |", flush=True)
        if kind == "http" and a.limit is not None and after[0] > a.limit:
            print(f"{after[0]:.0f} MiB, more than {a.limit:.0f}", file=sys.stderr)
            result = 1
        for connection in idle:
            connection.close()
        gateway.terminate()
        gateway.wait(60)
    return result


if __name__ == "__main__":
    sys.exit(main())
