"""Plays systemd for one socket unit: holds the listening socket, and starts processes that get it as descriptor 3 (sd_listen_fds(3)).

Arguments: the program, and its configuration with PORT in the place of the port.
Commands on standard input: "start" begins another process, "term PID" sends it SIGTERM; the end of the input ends everything.
"""

import os
import signal
import socket
import sys
import threading

program, config = sys.argv[1:]
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.bind(("127.0.0.1", 0))
listener.listen(4096)
port = listener.getsockname()[1]
with open(config) as template:
    written = template.read().replace("PORT", str(port))
with open(config, "w") as file:
    file.write(written)
print("port", port, flush=True)
running = set()


def start():
    pid = os.fork()
    if pid:
        running.add(pid)
        print("started", pid, flush=True)
        threading.Thread(target=lambda: print("ended", pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True), daemon=True).start()
        return
    if listener.fileno() != 3:
        os.dup2(listener.fileno(), 3)
    os.set_inheritable(3, True)
    environment = dict(os.environ, LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES="web")
    os.execve(program, [program, "run", "--config", config], environment)


for line in sys.stdin:
    words = line.split()
    if words[0] == "start":
        start()
    elif words[0] == "term":
        os.kill(int(words[1]), signal.SIGTERM)
for pid in running:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
