#!/usr/bin/env python3
"""An app that writes down the id of every POST it acts on: counting_app.py PORT FILE.

The line is written before the answer, as a shop books an order before it says thanks: whatever happens to the answer, the order is there.
"""
import asyncio
import os
import sys


async def serve(reader, writer, book):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            line, *fields = head.split(b"\r\n")
            method, target, _ = line.split(b" ", 2)
            length = 0
            for field in fields:
                name, _, value = field.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            body = await reader.readexactly(length) if length else b""
            if method == b"POST":
                os.write(book, target + b"\n")
            text = method + b" " + target + b" " + str(len(body)).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main(port, file):
    book = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    server = await asyncio.start_server(lambda r, w: serve(r, w, book), "127.0.0.1", port, backlog=512)
    async with server:
        await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
