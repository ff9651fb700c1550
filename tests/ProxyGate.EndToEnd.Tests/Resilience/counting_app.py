#!/usr/bin/env python3
"""An app that writes down the id of every POST it acts on: counting_app.py PORT FILE [WORKERS MILLISECONDS].

The line is written before the answer, as a shop books an order before it says thanks: whatever happens to the answer, the order is there. What has
been written is the kernel's, so that it stays when this process is killed. With WORKERS, each request keeps one of them busy for MILLISECONDS, and
what comes beyond waits for one.

One thread polls plain sockets, as this app must cost little beside what is measured.
"""
import os
import queue
import select
import socket
import sys
import threading
import time


class Connection:
    def __init__(self, accepted):
        self.socket, self.data = accepted, b""

    def read(self, act):
        """False when it is over."""
        try:
            more = self.socket.recv(65536)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not more:
            return False
        self.data += more
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            line, *fields = self.data[:end].split(b"\r\n")
            method, target, _ = line.split(b" ", 2)
            length = next((int(value) for name, _, value in (f.partition(b":") for f in fields) if name.lower() == b"content-length"), 0)
            if len(self.data) < end + 4 + length:
                return True
            self.data = self.data[end + 4 + length:]
            act(self, method, target, length)
        return True

    def answer(self, text):
        try:
            self.socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
        except OSError:
            pass  # the other side left first; its end is read next


def listen(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(512)
    listener.setblocking(False)
    return listener


def serve(listener, act):
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    connections = {}
    while True:
        for number, _ in poll.poll():
            if number != listener.fileno():
                if not connections[number].read(act):
                    poll.unregister(number)
                    connections.pop(number).socket.close()
                continue
            try:
                accepted, _ = listener.accept()
            except OSError:
                continue
            accepted.setblocking(False)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connections[accepted.fileno()] = Connection(accepted)
            poll.register(accepted, select.EPOLLIN)


def main(port, file, workers=0, milliseconds=0):
    book = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    waiting = queue.SimpleQueue()

    def act(connection, method, target, length):
        if method == b"POST":
            os.write(book, target + b"\n")
        text = b"%s %s %d" % (method, target, length)
        if workers:
            waiting.put((connection, text))
        else:
            connection.answer(text)

    def work():
        while True:
            connection, text = waiting.get()
            time.sleep(milliseconds / 1000)
            connection.answer(text)

    for _ in range(workers):
        threading.Thread(target=work, daemon=True).start()
    serve(listen(port), act)


main(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))
