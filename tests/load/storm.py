#!/usr/bin/env python3
"""A storm of failures against one gateway, and what it did with it.

usage: storm.py PROXYGATE [SECONDS] [RATE] [CONNECTIONS]

Starts the gateway (the program PROXYGATE) in front of nginx, which answers, and of a port where nothing listens. A prober asks the healthy route
every 5 ms: alone (quiet), beside RATE good requests a second (busy), and beside RATE failures a second (the storm), all in one run. Where the
machine cannot answer so many, the requests wait for each other and the run takes longer; it says what was answered.

Then everything is added up: the answers that came back, the failures of the metrics, the incidents' counts in the store and the occurrences of the
event log must be one number, to the last one. (The circuit breaker answers most of the storm; what it turns away counts to the incident that opened
it.) And the ids that some visitors of the storm were given must all be found. Listens on loopback and on a unix socket only.
"""
import json, os, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time, urllib.request

program = os.path.abspath(sys.argv[1])
seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
rate = int(sys.argv[3]) if len(sys.argv) > 3 else 20_000
connections = int(sys.argv[4]) if len(sys.argv) > 4 else 64
nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
for needed, package in ((nginx, "nginx"), (shutil.which("h2load"), "nghttp2-client")):
    if not needed:
        sys.exit(f"storm.py: Debian's package {package} is needed.")

folder = tempfile.mkdtemp(prefix="proxygate-storm-")
calm = max(5, seconds // 4)


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


app = subprocess.Popen([nginx, "-p", folder, "-e", "error.log", "-c", write("nginx.conf", f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen unix:{folder}/app.sock; keepalive_requests 1000000; location / {{ return 200 ok; }} }}
}}
""")])
dead = socket.socket()  # bound and not listening, so that the port is ours and refuses
dead.bind(("127.0.0.1", 0))
config = write("proxygate.json", json.dumps({
    "ProxyGate": {"Listen": ["http://127.0.0.1:0"], "Admin": {"Listen": "http://127.0.0.1:0"}},
    "ReverseProxy": {
        "Routes": {
            "healthy": {"ClusterId": "healthy", "Match": {"Path": "/healthy"}},
            "dead": {"ClusterId": "dead", "Match": {"Path": "/dead"}},
        },
        "Clusters": {
            "healthy": {"Destinations": {"app": {"Address": f"http://unix:{folder}/app.sock"}}},
            "dead": {"Destinations": {"app": {"Address": f"http://127.0.0.1:{dead.getsockname()[1]}"}}},
        },
    },
}))
gateway = subprocess.Popen([program, "run", "--config", config], cwd=folder, stdout=subprocess.PIPE, text=True)
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


def ask(connection, path):
    """One request on a connection that is kept; its status and its head."""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data:
        data += read(connection)
    head, body = data.split(b"\r\n\r\n", 1)
    length = int(re.search(rb"(?i)\r\ncontent-length: (\d+)", head).group(1))
    while len(body) < length:
        body += read(connection)
    return int(head.split(b" ", 2)[1]), head.decode("latin-1")


def read(connection):
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the gateway closed the connection")
    return data


class Asker(threading.Thread):
    """One request after another on one connection, with a pause between."""

    def __init__(self, path, pause, status):
        super().__init__(daemon=True)
        self.path, self.pause, self.status, self.times, self.heads, self.running, self.wrong = path, pause, status, [], [], True, None

    def run(self):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                while self.running:
                    begun = time.perf_counter()
                    status, head = ask(connection, self.path)
                    self.times.append((time.perf_counter() - begun) * 1000)
                    self.heads.append(head)
                    if status not in self.status:
                        self.wrong = f"{self.path} answered {status}"
                    time.sleep(self.pause)
        except (OSError, AttributeError) as e:
            self.wrong = f"{self.path}: {e}"

    def stop(self):
        self.running = False
        self.join()
        return self

    def quantiles(self):
        ordered = sorted(self.times)
        return tuple(ordered[min(len(ordered) - 1, int(len(ordered) * q))] for q in (0.5, 0.99))


def load(path, length):
    """RATE requests a second for so long, each of them answered: how many in which class of status, and in which time."""
    out = subprocess.run(
        ["h2load", "--h1", "-c", str(connections), "--rps", str(rate / connections), "-n", str(rate * length), f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True).stdout
    status = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", out)
    lost = re.search(r"(\d+) errored, (\d+) timeout", out)
    took, unit = re.search(r"finished in ([\d.]+)(us|ms|s|m)", out).groups()
    return [int(g) for g in status.groups()], int(lost.group(1)) + int(lost.group(2)), float(took) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[unit]


def memory():
    with open(f"/proc/{gateway.pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) // 1024


def fetched(path):
    return urllib.request.urlopen(admin + path, timeout=60).read().decode()


load("/healthy", 3)  # warm
prober = Asker("/healthy", 0.005, (200,))
prober.start()
time.sleep(calm)
quiet = prober.stop().quantiles()
beside = Asker("/healthy", 0.005, (200,))
beside.start()
good, good_lost, good_took = load("/healthy", calm)
busy = beside.stop().quantiles()

before = peak = memory()
watching = True


def watch():
    global peak
    while watching:
        peak = max(peak, memory())
        time.sleep(0.5)


watcher = threading.Thread(target=watch, daemon=True)
watcher.start()
inside, visitor = Asker("/healthy", 0.005, (200,)), Asker("/dead", 0.2, (502, 503, 504))
inside.start()
visitor.start()
storm, lost, took = load("/dead", seconds)
stormy = inside.stop().quantiles()
visitor.stop()
watching = False
watcher.join()
time.sleep(5)
after = memory()
answered = storm[3] + len(visitor.heads)
given = [re.search(r"(?i)\r\nproxygate-failure: (\S+)", head).group(1) for head in visitor.heads]
shown = {}
for id in given:
    try:
        shown[id] = json.loads(fetched("/api/failures/" + id))
    except urllib.error.HTTPError:
        pass
folded = sum(1 for found in shown.values() if "folded_into" in found)
state = json.loads(fetched("/api/config"))
failures = sum(int(float(m)) for m in re.findall(r'^proxygate_failures_total\{[^}]*route="dead"[^}]*\} (\S+)', fetched("/metrics"), re.M))
listed = subprocess.run([program, "incidents", "--json", "--config", config], capture_output=True, text=True).stdout
dead_ones = [i for i in map(json.loads, listed.splitlines()) if i["route"] == "dead"]
incidents = sum(i["count"] for i in dead_ones)
causes = {}
not_kept = 0
for incident in dead_ones:
    whole = subprocess.run([program, "incidents", incident["id"], "--json", "--config", config], capture_output=True, text=True).stdout
    not_kept += json.loads(whole)["not_kept"]
gateway.send_signal(signal.SIGTERM)
gateway.wait(timeout=60)
app.terminate()
app.wait(timeout=10)
lines = occurrences = 0
logs = os.path.join(folder, "logs")
for name in os.listdir(logs):
    with open(os.path.join(logs, name)) as f:
        for line in f:
            event = json.loads(line)
            if event["schema"] == "proxygate.failure/1" and event["route"] == "dead":
                lines += 1
                occurrences += event["occurrences"]
                causes[event["cause"]] = causes.get(event["cause"], 0) + event["occurrences"]

print(f"offered {rate:,} failures a second over {connections} connections; answered {storm[3]:,} in {took:.1f} s: {storm[3] / took:,.0f} a second")
print(f"answered {answered:,}  metrics {failures:,}  incidents {incidents:,}  event log {occurrences:,} {causes} in {lines:,} lines; {not_kept:,} not kept one by one, and said so")
print(f"healthy route, median and 99th percentile: {quiet[0]:.2f} / {quiet[1]:.2f} ms quiet, {busy[0]:.2f} / {busy[1]:.2f} ms beside {good[0] / good_took:,.0f} good requests a second, {stormy[0]:.2f} / {stormy[1]:.2f} ms in the storm")
print(f"ratio of the storm to quiet {stormy[0] / quiet[0]:.2f} / {stormy[1] / quiet[1]:.2f}, to as many good requests {stormy[0] / busy[0]:.2f} / {stormy[1] / busy[1]:.2f}")
print(f"memory {before} MiB before, {peak} MiB at most in the storm, {after} MiB five seconds after it")
print(f"ids given to {len(given)} visitors of the storm: {len(shown)} found, {folded} of them by the line that stands for them")
dropped = [f"{log['dropped']} lines of the {log['log']} log" for log in state["logs"]] + [f"{state['store'][what + '_dropped']} {what}" for what in ("samples", "ids")]
print("dropped: " + ", ".join(dropped))
print(f"everything is in {folder}")
wrong = [w for w in (prober.wrong, beside.wrong, inside.wrong, visitor.wrong) if w]
if lost or good_lost:
    wrong.append(f"{lost + good_lost} requests were not answered")
if sum(storm[:3]):
    wrong.append(f"{sum(storm[:3])} answers of the dead route were no failures")
if not answered == failures == incidents == occurrences:
    wrong.append("COUNTS DIFFER")
if not (lines < occurrences / 4 and not_kept > 0):
    wrong.append("the samples were not thinned, or that was not said")
if len(shown) < len(given):
    wrong.append(f"{len(given) - len(shown)} ids were not found")
print("; ".join(wrong) if wrong else "counts are exact")
sys.exit(1 if wrong else 0)
