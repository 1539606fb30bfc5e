"""Tasks of payoff in Python: the encodings of inputs and outputs, and injected faults.

A Kernel has functions that decode the input of a task, run the task, and encode its output. Only
running is part of the measured time. A kernel with a name of the form module:function is a function
of the user, whose inputs and outputs are JSON.
"""

import base64
import collections
import importlib
import json
import os
import signal
import struct
import threading
import time

import payoff_kernels as kernels

# call runs a task. wait is a coroutine that does the same on an event loop, or None.
Kernel = collections.namedtuple("Kernel", "call decode encode wait", defaults=[None])



def with_rest(form, last):
    size = struct.calcsize(form)
    return lambda b: struct.unpack_from(form, b) + (last(b[size:]),)


def decode_record(b):
    fields = json.loads(b)
    fields["Payload"] = base64.b64decode(fields["Payload"] or "")
    return fields


def encode_record(out):
    index, fields = out
    fields = dict(fields, Payload=base64.b64encode(fields["Payload"]).decode())
    return struct.pack("<I", index) + json.dumps(fields).encode()


def packed(form):
    return lambda out: struct.pack(form, *out)


TASK, OUTCOME, TIMED = struct.Struct("<IIQ").unpack, packed("<IQ"), packed("<IQQ")
FOLDER = with_rest("<IIQ", os.fsdecode)

KERNELS = {
    "spin": Kernel(kernels.spin, TASK, OUTCOME),
    "sha256": Kernel(kernels.sha256, with_rest("<IIQ", bytes), OUTCOME),
    "crc": Kernel(kernels.crc, with_rest("<I", bytes), OUTCOME),
    "record.json": Kernel(kernels.record, with_rest("<I", decode_record), encode_record),
    "sleep": Kernel(kernels.sleep, TASK, TIMED, kernels.sleep_on_loop),
    "files": Kernel(kernels.files, FOLDER, TIMED),
    "cached": Kernel(kernels.cached, FOLDER, TIMED),
    "http": Kernel(kernels.get, with_rest("<IIQI", bytes.decode), TIMED, kernels.get_on_loop),
}

# Injected faults. The Go package workloads/fault decides which task has which fault.

FAILS, EXITS, KILLED = 1, 4, 5
SHAPED = "+shape"
left = []  # memory that tasks have leaked
done = []  # the result of the set-up in this process; empty before it


class Planned(Exception):
    """The exception of a task that was planned to fail."""


def planned(name, task):
    """Runs a task of the kernel name, with the faults that are planned for it."""
    setup, leak, kind, inner = task
    if setup and not done:
        done.append(kernels.spin((1, 0, setup)))
    if leak:
        left.append(b"\1" * leak)
    out = KERNELS[name].call(inner)
    if kind >= EXITS and not in_worker():
        raise OSError("the task was planned to end its process, but this is not a worker process")
    if kind == EXITS:
        os._exit(3)
    if kind == KILLED:
        os.kill(os.getpid(), signal.SIGKILL)
    if kind:
        raise Planned("this task was planned to fail")
    return out


def in_worker():
    return os.environ.get("PAYOFF_CONTROLLER") != str(os.getpid())


def shaped(name, kernel):
    """Returns the kernel with injected faults. Its function is a global of this module, so that pickle
    can send it to workers."""

    def call(task):
        return planned(name, task)

    call.__name__ = call.__qualname__ = "planned_" + name.replace(".", "_")
    globals()[call.__name__] = call
    return Kernel(call, lambda b: struct.unpack_from("<QIB", b) + (kernel.decode(b[13:]),), kernel.encode)


KERNELS.update({name + SHAPED: shaped(name, k) for name, k in list(KERNELS.items())})


def encode_json(out):
    return json.dumps(out, allow_nan=False, sort_keys=True).encode()


def find(name):
    """Returns the kernel with this name, or the user's function if the name is module:function."""
    module, colon, function = name.partition(":")
    if not colon:
        if name not in KERNELS:
            raise LookupError("kernel %s has no twin in Python; there are %s" % (name, ", ".join(sorted(KERNELS))))
        return KERNELS[name]
    found = importlib.import_module(module)
    for part in function.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise TypeError("%s is not a function" % name)
    return Kernel(found, json.loads, encode_json)


def begin():
    """Does nothing. As the initializer of a pool, it makes each worker import this module before its
    first task."""


def who(seconds):
    """Returns the process and thread that run this task, after a sleep. From the results a warm-up sees
    when all workers have run a task."""
    time.sleep(seconds)
    return os.getpid(), threading.get_ident()
