#!/usr/bin/env python3
"""Memory, handles and threads of the gateway over many requests and over a long outage; see endurance.sh."""
import argparse, json, os, re, shutil, subprocess, sys, time, urllib.request

from compare import NGINX, UPSTREAM, free, in_folder, wait_port, write


def parse():
    p = argparse.ArgumentParser(prog="endurance.sh")
    p.add_argument("proxygate")
    p.add_argument("--requests", type=int, default=10_000_000)
    p.add_argument("--outage", type=int, default=600, help="seconds")
    p.add_argument("--every", type=float, default=30, help="seconds between samples")
    p.add_argument("--connections", type=int, default=64)
    p.add_argument("--grow", type=float, default=32, help="most MiB that RSS may grow by")
    p.add_argument("--handles", type=int, default=50)
    p.add_argument("--threads", type=int, default=20)
    a = p.parse_args()
    for need in ("nginx", "wrk"):
        if not shutil.which(need, path=os.environ["PATH"] + ":/usr/sbin"):
            p.error(f"{need} is not installed")
    return a


class Watch:
    """Samples of a running gateway, printed as they are taken."""

    def __init__(self, pid, admin, part):
        self.pid, self.admin, self.part, self.begun, self.samples = pid, admin, part, time.monotonic(), []

    def look(self, requests):
        status = open(f"/proc/{self.pid}/status").read()
        rss = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024
        threads = int(re.search(r"Threads:\s+(\d+)", status)[1])
        handles = len(os.listdir(f"/proc/{self.pid}/fd"))
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=60).read().decode()
        heap = sum(float(v) for v in re.findall(r"(?m)^dotnet_gc_last_collection_heap_size_bytes(?:\{[^}]*\})? (\S+)", text)) / 1048576
        sample = {"at": time.monotonic() - self.begun, "rss": rss, "heap": heap, "handles": handles, "threads": threads}
        self.samples.append(sample)
        print(f"{self.part:8} {sample['at']:6.0f} s {requests:>12,} requests   RSS {rss:6.1f} MiB   managed {heap:6.1f} MiB   handles {handles:5}   threads {threads:3}", flush=True)


def run(a, gateway, admin, url, part, seconds=None, requests=None):
    """Load until the time is over or so many requests were answered. wrk goes by time, so it is run again and again."""
    watch, done, answered = Watch(gateway.pid, admin, part), 0, lambda out: int((re.search(r"(\d+) requests in", out) or [0, 0])[1])
    watch.look(0)
    warm = None
    while (seconds is None or time.monotonic() - watch.begun < seconds) and (requests is None or done < requests):
        span = a.every if seconds is None else min(a.every, max(1, seconds - (time.monotonic() - watch.begun)))
        wrk = subprocess.run(["wrk", "-t2", f"-c{a.connections}", f"-d{max(1, round(span))}s", url], capture_output=True, text=True, timeout=span + 120).stdout
        if gateway.poll() is not None:
            sys.exit(f"the gateway ended with {gateway.returncode}")
        if answered(wrk) == 0:
            sys.exit(f"nothing was answered:\n{wrk}")
        bad = int((re.search(r"Non-2xx or 3xx responses: (\d+)", wrk) or [0, 0])[1])
        if (bad > 0) != (part == "outage"):
            sys.exit(f"{part}: {bad} of {answered(wrk)} answers were refusals:\n{wrk}")
        done += answered(wrk)
        watch.look(done)
        share = (time.monotonic() - watch.begun) / seconds if seconds else done / requests
        if warm is None and share >= 0.1:
            warm = watch.samples[-1]
    time.sleep(5)  # what is left over of the load is cleared away
    watch.look(done)
    return done, warm, watch.samples[-1]


def main():
    a = parse()
    return in_folder("endurance", lambda folder, started: endure(a, folder, started))


def endure(a, folder, started):
    up, dead, port, admin = free(), free(), free(), free()  # nobody listens on the second
    os.makedirs(f"{folder}/www")
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    conf = write(f"{folder}/app.conf", NGINX.format(workers=1, folder=folder, name="app", http=UPSTREAM.format(port=up, folder=folder)))
    app = subprocess.Popen([nginx, "-e", "/dev/null", "-c", conf], stdout=open(f"{folder}/app.out", "w"), stderr=subprocess.STDOUT)
    started.append(app)
    wait_port(up, app, f"{folder}/app.out")
    one = lambda at: {"Destinations": {"one": {"Address": f"http://127.0.0.1:{at}"}}}
    config = write(f"{folder}/proxygate.json", json.dumps({
        "ProxyGate": {"Listen": [f"http://127.0.0.1:{port}"], "Admin": {"Listen": f"http://127.0.0.1:{admin}"}},
        "ReverseProxy": {
            "Routes": {"dead": {"ClusterId": "dead", "Match": {"Path": "/dead"}}, "all": {"ClusterId": "up", "Match": {"Path": "/{**rest}"}}},
            "Clusters": {"up": one(up), "dead": one(dead)},
        },
    }))
    gateway = subprocess.Popen([a.proxygate, "run", "--config", config], cwd=folder, stdout=open(f"{folder}/gateway.out", "w"), stderr=subprocess.STDOUT)
    started.append(gateway)
    wait_port(port, gateway, f"{folder}/gateway.out")
    parts = []
    if a.requests:
        parts.append(("healthy", run(a, gateway, admin, f"http://127.0.0.1:{port}/small", "healthy", requests=a.requests)))
    if a.outage:
        parts.append(("outage", run(a, gateway, admin, f"http://127.0.0.1:{port}/dead", "outage", seconds=a.outage)))
    status = 0
    for part, (done, warm, last) in parts:
        if warm is None:
            sys.exit(f"{part}: there is no sample after the warm-up: it was too short, or --every too long.")
        grown = {what: last[what] - warm[what] for what in ("rss", "heap", "handles", "threads")}
        print(f"{part}: {done:,} requests; since the warm-up RSS {grown['rss']:+.1f} MiB, managed {grown['heap']:+.1f} MiB, handles {grown['handles']:+}, threads {grown['threads']:+}")
        for what, most in (("rss", a.grow), ("handles", a.handles), ("threads", a.threads)):
            if grown[what] > most:
                print(f"{part}: {what} grew by {grown[what]:.1f}, more than {most}", file=sys.stderr)
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
