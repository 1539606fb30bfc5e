# A worker process of payoff that applies one Python function. Its argument names the function in the
# form module:function. It needs only the standard library, and follows the protocol that the comments
# of the Go packages wire and procs/worker describe.
#
# Inputs and outputs of the function are JSON. Text that the function prints goes to standard error,
# whose last lines the parent keeps.
import sys

sys.path[:] = [p for p in sys.path if p]  # files of the current folder must not hide these modules
import ctypes
import importlib
import json
import mmap
import operator
import os
import platform
import signal
import struct
import threading
import time
import traceback

PROTOCOL, TICKET_VERSION, MAGIC = 6, 1, b"payoff\r\n"
FD_PAGE, FD_ARENA, FD_CHANNEL = 3, 4, 5
HELLO, READY, INIT, TASKS, OUTPUTS, ERROR = range(1, 7)
FLAG_PROMPT, FLAG_TIMED = 1, 2
FAIL_ERROR, FAIL_PANIC, FAIL_CODEC = 0, 1, 3
HEADER = struct.Struct("<IBBHII")  # length, kind, flags, epoch, kernel, number
U32 = struct.Struct("@I")  # native, so that the parent never sees half of a length in the page
PAGE_HEAD, BUFFER = 4096, 64 << 10
PAGE_BEGUN = 8  # index of the 64-bit word
TASKS_MODULUS, EPOCH_SHIFT, STARTED_SHIFT = 1 << 28, 48, 20
MOST_PAYLOAD, MOST_TEXT, READ = 1 << 30, 64 << 10, 256 << 10
FLUSH_AFTER, FLUSH_PROMPT, SLOW_PROMPT = 2_000_000, 50_000, 12_500  # ns

# mov rax, rsi; lock cmpxchg [rdi], rdx; ret
X86_64 = bytes.fromhex("48 89 f0 f0 48 0f b1 17 c3")


def compare_and_swap():
    """Return a function that swaps a 64-bit word in shared memory. Its arguments are the address of
    the word, an old value and a new value. If the word has the old value, the function stores the
    new value. It returns the value that the word had before. Python has no such operation, so the
    function is a machine instruction on x86-64, and calls libatomic on other processors."""
    if sys.byteorder != "little":
        sys.exit("a Python worker needs a processor that is little endian")
    u64 = ctypes.c_uint64
    if platform.machine() in ("x86_64", "AMD64") and struct.calcsize("P") == 8:
        code = mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(X86_64)
        at = ctypes.addressof(ctypes.c_char.from_buffer(code))
        swap = ctypes.PYFUNCTYPE(u64, ctypes.c_void_p, u64, u64)(at)
        swap.code = code  # keeps the memory
        return swap
    try:
        library = ctypes.PyDLL("libatomic.so.1")
    except OSError:
        sys.exit("a Python worker needs an atomic operation: an x86-64 processor, or the library libatomic; install libatomic1")
    exchange = library["__atomic_compare_exchange_8"]
    exchange.restype, exchange.argtypes = ctypes.c_bool, (ctypes.c_void_p, ctypes.c_void_p, u64, ctypes.c_int, ctypes.c_int)

    def swap(at, old, new):
        was = u64(old)  # not shared with a call of the signal handler
        exchange(at, ctypes.byref(was), new, 5, 5)  # sequentially consistent
        return was.value

    return swap


class Page:
    """The page of memory that this process shares with its parent; see wire.Page."""

    def __init__(self):
        try:
            self.memory = mmap.mmap(FD_PAGE, PAGE_HEAD + BUFFER)
        except (OSError, ValueError):
            sys.exit("this is a worker process of payoff, which cannot be started by hand")
        os.close(FD_PAGE)
        os.close(FD_ARENA)  # JSON lends no memory
        self.words = memoryview(self.memory).cast("Q")
        self.at = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        self.swap = compare_and_swap()
        self.state = 0  # when last read

    def begin(self):
        self.words[PAGE_BEGUN] = time.monotonic_ns()

    def claim(self, epoch, filled):
        """Claim the next task, which was sent in the given epoch, and publish the first filled bytes
        of results. Return the number of the task, or None if the parent has recalled it."""
        state = self.state
        while state >> EPOCH_SHIFT == epoch:
            number = state >> STARTED_SHIFT & TASKS_MODULUS - 1
            after = epoch << EPOCH_SHIFT | (number + 1) % TASKS_MODULUS << STARTED_SHIFT | filled
            was = self.swap(self.at, state, after)
            if was == state:
                self.state = after
                return number
            state = was
        state = self.state = self.words[0]
        return self.claim(epoch, filled) if state >> EPOCH_SHIFT == epoch else None

    def publish(self, filled):
        self.change(lambda state: state & -1 << STARTED_SHIFT | filled)

    def recall(self):
        self.change(lambda state: state + (1 << EPOCH_SHIFT) & (1 << 64) - 1)

    def change(self, to):
        state = self.words[0]
        while True:
            after = to(state)
            was = self.swap(self.at, state, after)
            if was == state:
                self.state = after
                return
            state = was


class Results:
    """Outcomes that this process has not sent yet. They are in the buffer of the page: if this process
    dies, the parent finds them there."""

    def __init__(self, page, out):
        self.page, self.out = page, out
        self.memory = memoryview(page.memory)
        self.buffer = self.memory[PAGE_HEAD:]
        self.filled, self.open = 0, -1  # open is the offset of a frame to which outputs are added
        self.kernel, self.number = 0, TASKS_MODULUS - 1

    def header(self, kind, size):
        return HEADER.pack(size, kind, 0, 0, self.kernel, self.number)

    def put(self, output):
        """Add the output of a task."""
        size = len(output)
        whole = HEADER.size + U32.size + size
        if whole > BUFFER:
            self.flush()
            self.write(self.header(OUTPUTS, whole - HEADER.size) + U32.pack(size) + output)
            return
        if self.filled + whole > BUFFER:
            self.flush()
        if self.open < 0:
            self.open = self.filled
            self.append(self.header(OUTPUTS, 0))  # 0 says that outputs may follow
        self.append(U32.pack(size) + output)

    def append(self, data):
        end = self.filled + len(data)
        self.buffer[self.filled : end] = data
        self.filled = end

    def shut(self):
        if self.open >= 0:
            U32.pack_into(self.buffer, self.open, self.filled - self.open - HEADER.size)
            self.open = -1

    def fail(self, sort, step, kind, message, stack):
        """Add the error of a task."""
        data = struct.pack("<BI", sort, 0) + b"".join(map(text, (step, kind, message, stack)))
        data = self.header(ERROR, len(data)) + data
        if self.filled + len(data) > BUFFER:
            self.flush()
        self.shut()
        if len(data) > BUFFER:
            self.write(data)
        else:
            self.append(data)

    def flush(self):
        if self.filled:
            self.shut()
            self.page.publish(self.filled)
            self.write(self.buffer[: self.filled])
            self.filled = 0
            self.page.publish(0)

    def write(self, data):
        data = memoryview(data)
        while data:
            data = data[os.write(self.out, data) :]


def text(s):
    """Return the encoding of a text: its length, and its bytes in UTF-8. Cut a long text."""
    b = s.encode("utf-8", "replace")
    if len(b) > MOST_TEXT:
        b = (b[:MOST_TEXT].decode("utf-8", "ignore") + "…").encode()
    return struct.pack("<I", len(b)) + b


def dumps(value):
    """Return an output as JSON. Equal outputs have equal bytes in every process."""
    return json.dumps(value, allow_nan=False, sort_keys=True).encode()


class Asked(BaseException):
    """The exception that ends the running task when SIGTERM asks this process to end."""


class Worker:
    def __init__(self, name):
        self.name, self.function = name, find(name)
        self.page = Page()
        self.input, out = channel()
        self.results = Results(self.page, out)
        self.data, self.at = b"", 0  # data[at:] has arrived and is not decoded
        self.sent = 0  # when the buffer was last empty
        self.waits = self.runs = self.asked = False

    def serve(self):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self.terminate)
        frame = self.frame()
        if frame is None:
            return
        if frame[0][1] != HELLO or frame[1][:8] != MAGIC:
            sys.exit("the parent sent no payoff hello")
        version = text("")
        kernel = text(self.name)
        ready = MAGIC + struct.pack("<I", PROTOCOL) + version + struct.pack("<II", os.getpid(), 1) + kernel
        self.results.write(HEADER.pack(len(ready), READY, 0, 0, 0, 0) + ready)
        theirs = struct.unpack_from("<I", frame[1], 8)[0]
        if theirs != PROTOCOL:
            sys.exit("the parent has protocol %d, this worker has protocol %d; use one build of payoff" % (theirs, PROTOCOL))
        while not self.asked:
            frame = self.frame()
            if frame is None:
                return
            self.tasks(*frame)

    def terminate(self, *_):
        """Handle SIGTERM: start no further task, and end the running one."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self.page.recall()
        self.asked = True
        if self.waits:
            raise SystemExit(0)
        if self.runs:
            raise Asked("the worker was asked to end")

    def frame(self):
        """Return the header and the payload of the next frame, or None at the end of the input."""
        if not self.have(HEADER.size):
            return None
        header = HEADER.unpack_from(self.data, self.at)
        end = HEADER.size + header[0]
        if header[0] > MOST_PAYLOAD or not HELLO <= header[1] <= ERROR:
            sys.exit("the parent sent bytes that are not a frame")
        self.have(end)
        payload = memoryview(self.data)[self.at + HEADER.size : self.at + end]
        self.at += end
        return header, payload

    def have(self, n):
        """Wait until n bytes have arrived. Return False at the end of the input."""
        if len(self.data) - self.at >= n:
            return True
        self.results.flush()
        data = bytearray(memoryview(self.data)[self.at :])
        while len(data) < n:
            self.waits = True
            if self.asked:
                raise SystemExit(0)
            more = os.read(self.input, min(max(READ, n - len(data)), 1 << 20))
            self.waits = False
            if not more:
                if data:
                    sys.exit("the input ended within a frame")
                return False
            data += more
        self.data, self.at = bytes(data), 0
        self.sent = time.monotonic_ns()
        return True

    def tasks(self, header, payload):
        _, kind, flags, epoch, kernel, count = header
        if kind not in (TASKS, INIT) or kernel != 0:
            sys.exit("the parent sent a frame of kind %d, not tasks for this function" % kind)
        results, at = self.results, 0
        prompt, last = flags & FLAG_PROMPT, time.monotonic_ns()
        after = FLUSH_PROMPT if prompt else FLUSH_AFTER
        for _ in range(count):
            if results.filled > BUFFER // 2:
                results.flush()
                self.sent = time.monotonic_ns()
            size = U32.unpack_from(payload, at)[0]
            at += U32.size + size
            task = payload[at - size : at]
            if len(task) != size:
                sys.exit("the parent sent an incomplete task")
            if flags & FLAG_TIMED:
                self.page.begin()
            if kind == TASKS:
                number = self.page.claim(epoch, results.filled)
                if number is None:
                    return  # this task and the rest of the frame were recalled
                results.number = number
            self.run(bytes(task))
            now = time.monotonic_ns()
            if now - self.sent > after or prompt and now - last > SLOW_PROMPT:
                results.flush()
                self.sent = now
            last = now
            if self.asked:
                return

    def run(self, task):
        """Run one task, whose input is JSON, and add its outcome."""
        fail, step = self.results.fail, ""
        try:
            step = "decode input"
            value = json.loads(task)
            step, self.runs = "", True
            value = self.function(value)
            self.runs, step = False, "encode output"
            output = dumps(value)
            if len(output) > MOST_PAYLOAD - U32.size:
                raise ValueError("larger than a frame can carry (1 GiB)")
        except BaseException as e:
            self.runs = False
            message, stack = describe(e, not step)
            sort = FAIL_CODEC if step else FAIL_ERROR if isinstance(e, Exception) else FAIL_PANIC
            fail(sort, step, type(e).__name__, message, stack)
        else:
            self.results.put(output)


def describe(e, placed):
    """Return the text of an exception, and its traceback. If placed is true, the text ends with the
    line that raised the exception."""
    try:
        stack = "".join(traceback.format_exception(type(e), e, e.__traceback__))
        message = "".join(traceback.format_exception_only(type(e), e)).strip()
        frames = traceback.extract_tb(e.__traceback__)[1:]  # without this program
        if placed and frames:
            message += " (%s:%d, in %s)" % (os.path.basename(frames[-1].filename), frames[-1].lineno, frames[-1].name)
        return message, stack
    except BaseException as second:
        return "%s, whose text cannot be made: %s" % (type(e).__name__, type(second).__name__), ""


def channel():
    """Read the ticket of the parent, and return the descriptors of the channel: input and output."""
    ticket = receive(len(MAGIC) + 8)
    version, size = struct.unpack_from("<II", ticket, len(MAGIC))
    if ticket[: len(MAGIC)] != MAGIC or version != TICKET_VERSION:
        sys.exit("the parent is no payoff, or of another version")
    ticket = receive(size)[4 + 8 + 32 :]  # without ring size, polling time and secret
    name = ticket[1 : 1 + ticket[0]].decode()
    if name not in ("pipe", "socketpair"):
        sys.exit("a Python worker cannot use the transport %s; choose pipe or socketpair" % name)
    os.close(FD_CHANNEL)
    fds = (FD_CHANNEL + 1, FD_CHANNEL + (2 if name == "pipe" else 1))
    for fd in fds:
        os.set_inheritable(fd, False)
    return fds


def receive(n):
    data = b""
    while len(data) < n:
        more = os.read(FD_CHANNEL, n - len(data))
        if not more:
            sys.exit("the ticket of the parent is incomplete")
        data += more
    return data


def find(name):
    """Return the function with a name of the form module:function."""
    sys.path.insert(0, os.getcwd())
    module, _, function = name.partition(":")
    return operator.attrgetter(function)(importlib.import_module(module))


def watch(parent):
    """End this process when its parent has ended, on systems other than Linux, which does it itself."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


if __name__ == "__main__":
    os.dup2(2, 1)
    if sys.platform != "linux":
        threading.Thread(target=watch, args=(os.getppid(),), daemon=True).start()
    Worker(sys.argv[1]).serve()
