"""The kernels of payoff in Python. They have the same inputs, and the same digests of outputs, as in Go.

Each function takes the decoded input of a task; payoff_tasks.py has the decoders.
"""

import hashlib
import os
import struct
import threading
import time
import zlib

MASK = (1 << 64) - 1
ODD = 0x9E3779B97F4A7C15


def bits(x):
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & MASK
    return x ^ x >> 31


def fill(size, seed):
    """Returns size pseudo-random bytes, which depend only on the seed."""
    x, words = bits(seed & MASK), []
    for _ in range(size // 8):
        x = (x + ODD) & MASK
        words.append(bits(x))
    rest = bytearray()
    for _ in range(size % 8):
        x = (x + ODD) & MASK
        rest.append(bits(x) & 255)
    return struct.pack("<%dQ" % len(words), *words) + bytes(rest)


def chain(h, b):
    """Returns the state of a hash, h before, after the 64-bit words of b and then its remaining bytes."""
    n = len(b) // 8
    for w in struct.unpack_from("<%dQ" % n, b) + tuple(b[8 * n :]):
        h ^= w
        h = (((h << 29) | (h >> 35)) & MASK) * ODD & MASK
    return h


def mix(h, b):
    return bits(chain(h, b))


def start(index, seed):
    return seed << 32 | index


# Kernels that compute.


def spin(task):
    index, seed, steps = task
    x = seed << 32 | index
    for _ in range(steps):
        x = ((x ^ x >> 32) * 0xD6E8FEB86659FD93) & MASK
    for _ in range(x >> 61):
        x = ((x ^ x >> 32) * 0xD6E8FEB86659FD93) & MASK
    return index, x


def sha256(task):
    """Hashes the blocks of 64 bytes of the data one after another, beginning with the block that the
    seed selects and going around as often as steps needs."""
    index, seed, steps, data = task
    if len(data) < 64:
        data += struct.pack("<56xQ", start(index, seed))[len(data) :]
    blocks = -(-len(data) // 64)
    at = seed % blocks
    tail = len(data) - 64
    h = hashlib.sha256()
    if steps > 2 * blocks:  # whole turns at a time
        turn = data if len(data) % 64 == 0 else data[: 64 * (blocks - 1)] + data[tail:]
        turn = turn[64 * at :] + turn[: 64 * at]
        many = max(1, min((1 << 16) // len(turn), steps // blocks))
        turn *= many
        for _ in range(steps // (blocks * many)):
            h.update(turn)
        steps %= blocks * many
    while steps:
        n = min(steps, blocks - at)
        if at + n == blocks:
            h.update(data[64 * at : 64 * (blocks - 1)] + data[tail:])
            at = 0
        else:
            h.update(data[64 * at : 64 * (at + n)])
            at += n
        steps -= n
    return index, bits(start(index, seed) ^ struct.unpack_from("<Q", h.digest())[0])


def crc(task):
    index, data = task
    return index, zlib.crc32(data)


def text(h, s):
    b = s.encode()
    for c in b:
        h ^= c
        h = (((h << 29) | (h >> 35)) & MASK) * ODD & MASK
    return bits(h ^ len(b))


def lanes(h, b):
    """Returns the hash that the Go package payload computes, in four chains at a time."""
    a = [h, h ^ ODD, (h + ODD) & MASK, h ^ MASK]
    n = len(b) // 64
    words = struct.unpack_from("<%dQ" % (8 * n), b)
    for at in range(0, 8 * n, 8):
        for i in range(4):
            v = a[i] ^ words[at + 2 * i]
            a[i] = ((((v << 29) | (v >> 35)) & MASK) * ODD + words[at + 2 * i + 1]) & MASK
    turned = [((v << r) | (v >> (64 - r))) & MASK for v, r in zip(a[1:], (16, 32, 48))]
    return mix(a[0] ^ turned[0] ^ turned[1] ^ turned[2], b[64 * n :])


def record(task):
    index, fields = task
    h = bits(index ^ fields["ID"] ^ bits(fields["Time"] & MASK) ^ struct.unpack("<Q", struct.pack("<d", fields["Value"]))[0])
    h = (h + bool(fields["Valid"])) & MASK
    return index, dict(fields, ID=lanes(text(h, fields["Name"]), fields["Payload"]))


# Kernels that wait. Each also returns the time in ns that it took.


def sleep(task):
    began = time.perf_counter_ns()
    time.sleep(task[2] / 1e9)
    return task[0], bits(start(*task[:2])), time.perf_counter_ns() - began


async def sleep_on_loop(task):
    import asyncio  # here, since workers of other pools start faster without it

    began = time.perf_counter_ns()
    await asyncio.sleep(task[2] / 1e9)
    return task[0], bits(start(*task[:2])), time.perf_counter_ns() - began


def files(task, sync=True):
    began = time.perf_counter_ns()
    index, seed, size, folder = task
    path, piece, first = os.path.join(folder, str(index)), 1 << 16, start(index, seed)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        wrote = read = first
        for at in range(0, size, piece):
            b = fill(min(size - at, piece), first ^ bits(at))
            os.write(fd, b)
            wrote = mix(wrote, b)
        if sync:
            os.fsync(fd)
        for at in range(0, size, piece):
            read = mix(read, os.pread(fd, min(size - at, piece), at))
    finally:
        os.close(fd)
        os.remove(path)
    if read != wrote:
        raise OSError(path + ": read other bytes than were written")
    return index, read, time.perf_counter_ns() - began


def cached(task):
    return files(task, False)


connections = threading.local()


def visit(task):
    return "/?wait=%d&size=%d&index=%d&seed=%d" % (task[2], task[3], task[0], task[1])


def page(task, status, body, began):
    index, seed, _, size, server = task
    if status != 200 or len(body) != size:
        raise OSError("server %s answered with status %d and %d bytes, not %d" % (server, status, len(body), size))
    return index, mix(start(index, seed), body), time.perf_counter_ns() - began


def get(task):
    began = time.perf_counter_ns()
    server = task[4]
    if getattr(connections, "server", None) != server:
        import http.client

        connections.server, connections.to = server, http.client.HTTPConnection(server)
    connections.to.request("GET", visit(task))
    answer = connections.to.getresponse()
    return page(task, answer.status, answer.read(), began)


idle = []  # open connections to servers that no coroutine uses now


async def get_on_loop(task):
    import asyncio

    began = time.perf_counter_ns()
    server, loop = task[4], asyncio.get_running_loop()
    free = [c for c in idle if c[:2] == (server, loop)]
    if free:
        idle.remove(free[0])
        _, _, reader, writer = free[0]
    else:
        reader, writer = await asyncio.open_connection(*server.rsplit(":", 1))
    writer.write(("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (visit(task), server)).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    size = int(head.split("content-length:", 1)[1].split("\r\n", 1)[0])
    body = await reader.readexactly(size)
    idle.append((server, loop, reader, writer))
    return page(task, int(head.split(" ", 2)[1]), body, began)
