"""Executes the commands of payoff: runs jobs on a pool of Python, and measures the time of each job.

A frame is its length in eight bytes, the length of its head in eight bytes, the head as JSON, and the
rest: values, whose lengths are in the head. Each command has one answer. Descriptors 0 and 1 are
moved away first, so that functions which print or read cannot disturb the frames.
"""

import json
import os
import struct
import sys
import threading
import time
import traceback


def take(fd, n):
    parts = []
    while n:
        b = os.read(fd, min(n, 1 << 20))
        if not b:
            os._exit(0)  # payoff has ended
        parts.append(b)
        n -= len(b)
    return b"".join(parts)


def receive(fd):
    size, head = struct.unpack("<QQ", take(fd, 16))
    return json.loads(take(fd, head)), take(fd, size - head)


def answer(fd, head, values=()):
    head = json.dumps(dict(head, sizes=[len(v) for v in values])).encode()
    data = memoryview(struct.pack("<QQ", len(head) + sum(map(len, values)), len(head)) + head + b"".join(values))
    while data:
        data = data[os.write(fd, data) :]


def cut(rest, sizes):
    at, values = 0, []
    for n in sizes:
        values.append(rest[at : at + n])
        at += n
    return values


def reason(e):
    return "%s: %s" % (type(e).__name__, e) if str(e) else type(e).__name__


class Job:
    """The state between two commands: the pool, and the kernel and inputs of the current job."""

    system = kernel = inputs = sent = None

    def open(self, head, rest):
        import payoff_peers
        import payoff_systems

        self.system = {**payoff_systems.SYSTEMS, **payoff_peers.SYSTEMS}[head["system"]](head)
        if head["system"] not in ("serial", "process", "asyncio"):
            payoff_systems.warm(self.system)
        return {}, ()

    def inputs_of(self, head, rest):
        import payoff_tasks

        self.kernel = payoff_tasks.find(head["kernel"])
        self.sent = cut(rest, head["sizes"])
        self.inputs = [self.kernel.decode(v) for v in self.sent]
        return {}, ()

    # The functions of module time are bound here, since the user's module may replace them.
    def clock(self, head, rest, now=time.perf_counter_ns, process=time.process_time_ns, thread=time.thread_time_ns):
        """Reads the clock, and the CPU time of the threads other than this one."""
        return {"now": now(), "others": max(0, process() - thread())}, ()

    def run(self, head, rest, now=time.perf_counter_ns):
        import payoff_systems

        run, call, inputs, chunk = self.system.run, self.kernel.call, self.inputs, head["chunk"]
        began = now()
        out = run(call, inputs, chunk)
        took = now() - began
        if self.sent is not None:  # a function that changes inputs does so in the first job
            self.unchanged()
        values, failed = [], []
        for i, v in enumerate(out):
            if not isinstance(v, payoff_systems.Failed):
                try:
                    values.append(self.kernel.encode(v))
                    continue
                except Exception as e:
                    v = payoff_systems.Failed(ValueError("the output cannot be encoded: " + reason(e)))
            values.append(b"")
            failed.append({"at": i, "type": type(v.error).__name__, "message": str(v.error)})
        return {"took": took, "failed": failed}, values

    def unchanged(self):
        """Raises an error if the function changed an input: later jobs of a loop or of threads would
        have other inputs than processes, which receive copies. It checks at most 1000 inputs."""
        for i in range(0, len(self.sent), (len(self.sent) + 999) // 1000):
            if self.kernel.decode(self.sent[i]) != self.inputs[i]:
                raise ValueError("the function changed the input of task %d, so later calls would have other inputs; copy the input before changing it" % i)
        self.sent = None

    def close(self, head, rest):
        self.system.close()
        return {}, ()


def end_with(life):
    """Waits until payoff has ended, and then kills the process group. It runs on its own thread, since
    the main thread may wait for a pool."""
    os.read(life, 1)
    os.killpg(0, 9)


def serve():
    commands, answers, life = os.dup(0), os.dup(1), 3
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.set_inheritable(life, False)
    os.environ["PAYOFF_CONTROLLER"] = str(os.getpid())
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[1:1] = [os.getcwd()]
    os.environ["PYTHONPATH"] = os.pathsep.join([here, os.getcwd()] + list(filter(None, [os.environ.get("PYTHONPATH")])))
    threading.Thread(target=end_with, args=(life,), daemon=True).start()
    job = Job()
    does = {"open": job.open, "inputs": job.inputs_of, "run": job.run, "clock": job.clock, "close": job.close}
    while True:
        head, rest = receive(commands)
        try:
            says, values = does[head["do"]](head, rest)
        except BaseException as e:  # a function may call sys.exit
            says, values = {"error": reason(e), "trace": traceback.format_exc()}, ()
        answer(answers, says, values)
        if head["do"] == "close":
            os._exit(0)


if __name__ == "__main__":
    serve()
