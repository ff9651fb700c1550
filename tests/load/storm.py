#!/usr/bin/env python3
"""A storm of failures against one gateway, and what it did with it.

usage: storm.py PROXYGATE [SECONDS] [CONNECTIONS]

Starts the gateway (the program PROXYGATE) in front of two apps of this script: one that answers and one port where nothing listens. First the
healthy route alone is measured, then the same beside a storm on the dead route, offered as fast as the connections allow. Then everything is
added up: the answers that were counted here, the failures of the metrics, the incidents' counts in the store and the occurrences of the event
log must be one number. (The circuit breaker answers most of the storm: that is an incident of its own, beside the one of the dead port.) Listens on loopback only.
"""
import json, os, re, signal, socket, subprocess, sys, tempfile, threading, time, urllib.request

program = sys.argv[1]
seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
connections = int(sys.argv[3]) if len(sys.argv) > 3 else 32
folder = tempfile.mkdtemp(prefix="proxygate-storm-")


def app():
    server = socket.create_server(("127.0.0.1", 0), backlog=512)

    def serve(connection):
        pending = b""
        while True:
            data = connection.recv(65536)
            if not data:
                return
            pending += data
            while b"\r\n\r\n" in pending:
                pending = pending.split(b"\r\n\r\n", 1)[1]
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    def accept():
        while True:
            threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


dead = socket.create_server(("127.0.0.1", 0))  # its port is ours and nobody listens
dead_port = dead.getsockname()[1]
dead.close()
config = {
    "ProxyGate": {"Listen": ["http://127.0.0.1:0"], "Admin": {"Listen": "http://127.0.0.1:0"}},
    "ReverseProxy": {
        "Routes": {
            "healthy": {"ClusterId": "healthy", "Match": {"Path": "/healthy"}},
            "dead": {"ClusterId": "dead", "Match": {"Path": "/dead"}},
        },
        "Clusters": {
            "healthy": {"Destinations": {"app": {"Address": f"http://127.0.0.1:{app()}"}}},
            "dead": {"Destinations": {"app": {"Address": f"http://127.0.0.1:{dead_port}"}}},
        },
    },
}
path = os.path.join(folder, "proxygate.json")
with open(path, "w") as f:
    json.dump(config, f)
gateway = subprocess.Popen([program, "run", "--config", path], cwd=folder, stdout=subprocess.PIPE, text=True)
site = admin = None
for line in gateway.stdout:
    if "Listening on" in line:
        site = line.split("Listening on ")[1].strip()
    if "Admin on" in line:
        admin = line.split("Admin on ")[1].strip()
    if "Ready" in line:
        break
threading.Thread(target=gateway.stdout.read, daemon=True).start()
port = int(site.rsplit(":", 1)[1])


def h2load(target, length, clients, rate=None):
    # The number of requests is what is left to chance: it stops by time.
    arguments = ["h2load", "--h1", "-c", str(clients), "-D", str(length), f"http://127.0.0.1:{port}{target}"]
    if rate:
        arguments[2:2] = ["--rps", str(rate)]
    out = subprocess.run(arguments, capture_output=True, text=True).stdout
    status = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", out)
    times = re.search(r"time for request:\s+(\S+)\s+(\S+)\s+(\S+)", out)
    return [int(g) for g in status.groups()], times.group(3)


class Prober(threading.Thread):
    """One healthy request after another, every 5 ms, on one connection; the times of each."""

    def __init__(self):
        super().__init__(daemon=True)
        self.times, self.running = [], True

    def run(self):
        connection = socket.create_connection(("127.0.0.1", port))
        while self.running:
            begun = time.perf_counter()
            connection.sendall(b"GET /healthy HTTP/1.1\r\nHost: localhost\r\n\r\n")
            data = b""
            while b"\r\n\r\nok" not in data:
                data += connection.recv(65536)
            self.times.append((time.perf_counter() - begun) * 1000)
            time.sleep(0.005)

    def stop(self):
        self.running = False
        self.join()
        ordered = sorted(self.times)
        return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]


def memory():
    with open(f"/proc/{gateway.pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) // 1024


def measured(what, target, length):
    prober = Prober()
    prober.start()
    status, mean = h2load(target, length, connections)
    half, most = prober.stop()
    return status, half, most


h2load("/healthy", 5, connections)  # warm
# The same load on the healthy route beside the prober is what the storm is compared with: the machine is as busy.
calm, calm_half, calm_most = measured("calm", "/healthy", max(5, seconds // 4))
before = memory()
peak = [before]
watching = True


def watch():
    while watching:
        peak[0] = max(peak[0], memory())
        time.sleep(0.5)


threading.Thread(target=watch, daemon=True).start()
storm, storm_half, storm_most = measured("storm", "/dead", seconds)
watching = False
answered = storm[3]
time.sleep(2)
metrics = urllib.request.urlopen(admin + "/metrics").read().decode()
failures = sum(int(float(m)) for m in re.findall(r'^proxygate_failures_total\{[^}]*route="dead"[^}]*\} (\S+)', metrics, re.M))
listed = subprocess.run([program, "incidents", "--json", "--config", path], capture_output=True, text=True).stdout
causes = {i["cause"]: i["count"] for i in map(json.loads, listed.splitlines()) if i["route"] == "dead"}
incidents = sum(causes.values())
gateway.send_signal(signal.SIGTERM)
gateway.wait(timeout=30)
lines = occurrences = 0
logs = os.path.join(folder, "logs")
for name in os.listdir(logs):
    with open(os.path.join(logs, name)) as f:
        for line in f:
            event = json.loads(line)
            if event["schema"] == "proxygate.failure/1" and event["route"] == "dead":
                lines += 1
                occurrences += event["occurrences"]
print(f"storm for {seconds} s over {connections} connections: {answered / seconds:,.0f} failures a second")
print(f"answered {answered:,}  metrics {failures:,}  incidents {incidents:,} {causes}  event log {occurrences:,} in {lines:,} lines")
print(f"healthy route, median and 99th percentile: {calm_half:.2f} / {calm_most:.2f} ms beside {calm[0] / max(5, seconds // 4):,.0f} good requests a second, "
      f"{storm_half:.2f} / {storm_most:.2f} ms in the storm (ratio {storm_half / calm_half:.2f} / {storm_most / calm_most:.2f})")
print(f"memory {before} MiB before, {peak[0]} MiB at most in the storm")
print(f"everything is in {folder}")
# What was under way when the clients stopped was counted and not answered: at most one for each connection.
exact = failures == incidents == occurrences and 0 <= failures - answered <= connections
print("counts are exact" if exact else "COUNTS DIFFER")
sys.exit(0 if exact else 1)
