"""Functions and generators that cannot be measured."""
import functools
import os
import sys
import time

number = 3
unnamed = lambda x: x
raw, nan, things = [b"x"], [1, float("nan")], [object()]


def same(x):
    return x


def wrapped(f):
    return lambda x: f(x)


@wrapped
def hidden(x):
    return x


def fails(x):
    raise ValueError("no good")


def gives_bytes(x):
    return x.encode()


def deep(x):
    out = []
    for _ in range(100_000):
        out = [out]
    return out


def large(x):
    return "x" * (1 << 20)


def long(x):
    return 10**6000


def mute(x):
    sys.stdout = None
    return x


class Adder:
    def add(self, x):
        return x + "1"


method = Adder().add


def lone(x):
    return "\ud800"


async def waits(x):
    return x


def exits(x):
    os._exit(3)


def never(x):
    while True:
        time.sleep(1)


def raises():
    yield 1
    raise KeyError("gone")


def none():
    return []


def endless():
    while True:
        yield 1


keys = [{1: 2}]


def changes(x):
    x.sort()
    return x[0]


def unsorted():
    return [[2, 1]]


@functools.lru_cache
def cached(x):
    return x
