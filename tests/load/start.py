#!/usr/bin/env python3
"""From the start of the program to its first answer; see start.sh.

The clock runs from the moment before exec to the last byte of the first 200 that the app behind it gave: a client asks every millisecond until then.
Several programs take turns, so that the machine's noise meets all of them.
"""
import argparse, json, multiprocessing, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

from compare import cpu_seconds, free, memory_mib, write

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def parse():
    p = argparse.ArgumentParser(prog="start.sh")
    p.add_argument("program", nargs="+", help="NAME=PATH of a built proxygate; more than one are compared")
    p.add_argument("--times", type=int, default=10)
    p.add_argument("--form", choices=["file", "to"], default="file", help="run with a configuration file, or with --to")
    p.add_argument("--limit", type=float, help="most milliseconds of the first program's median; beyond it the exit code is 1")
    p.add_argument("--env", action="append", default=[], help="NAME=VALUE for the programs")
    return p.parse_args()


def app(listening):
    """The app behind: one answer to everything."""
    while True:
        client, _ = listening.accept()
        with client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while client.recv(65536):
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def first_answer(port, process, until):
    while time.perf_counter() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
                s.sendall(REQUEST)
                answer = s.recv(65536)
                if answer.startswith(b"HTTP/1.1 200 "):
                    return time.perf_counter()
        except OSError:
            pass
        time.sleep(0.001)
    return None


def start(program, form, behind, extra):
    folder = tempfile.mkdtemp(prefix="proxygate-start-")
    port, admin = free(), free()
    if form == "file":
        config = write(f"{folder}/proxygate.json", json.dumps({
            "ProxyGate": {"Listen": [f"http://127.0.0.1:{port}"], "Admin": {"Listen": f"http://127.0.0.1:{admin}"}},
            "ReverseProxy": {
                "Routes": {"all": {"ClusterId": "app", "Match": {"Path": "/{**rest}"}}},
                "Clusters": {"app": {"Destinations": {"one": {"Address": f"http://127.0.0.1:{behind}"}}}},
            },
        }))
        arguments = ["--config", config]
    else:
        arguments = ["--to", f"http://127.0.0.1:{behind}", "--listen", f"http://127.0.0.1:{port}"]
        extra = {**extra, "ProxyGate__Admin__Listen": f"http://127.0.0.1:{admin}"}
    with open(f"{folder}/output", "w") as output:
        begun = time.perf_counter()
        process = subprocess.Popen([program, "run", *arguments], cwd=folder, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **extra})
    try:
        answered = first_answer(port, process, begun + 30)
        if answered is None:
            sys.exit(f"{program} gave no answer:\n{open(f'{folder}/output').read()[-2000:]}")
        return {"ms": (answered - begun) * 1000, "cpu": cpu_seconds(process.pid) * 1000, "memory": memory_mib(process.pid)}
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    a = parse()
    programs = [(p.split("=", 1) if "=" in p else [os.path.basename(p), p]) for p in a.program]
    extra = dict(e.split("=", 1) for e in a.env)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    behind = multiprocessing.get_context("fork").Process(target=app, args=(listening,), daemon=True)
    behind.start()
    try:
        for _, path in programs:
            start(path, a.form, listening.getsockname()[1], extra)  # the files are in the page cache from here on
        seen = {name: [] for name, _ in programs}
        for _ in range(a.times):
            for name, path in programs:
                seen[name].append(start(path, a.form, listening.getsockname()[1], extra))
    finally:
        behind.terminate()
    medians = {}
    for name, times in seen.items():
        ms = sorted(t["ms"] for t in times)
        medians[name] = statistics.median(ms)
        print(f"{name:24} first answer after {medians[name]:6.0f} ms  [{ms[0]:.0f}, {ms[-1]:.0f}]   CPU {statistics.median(t['cpu'] for t in times):5.0f} ms   {statistics.median(t['memory'] for t in times):5.1f} MiB")
    first = medians[programs[0][0]]
    if a.limit is not None and first > a.limit:
        print(f"{programs[0][0]}: {first:.0f} ms, more than {a.limit:.0f}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
