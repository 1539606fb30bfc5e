# This program checks a function of the user and its inputs, before anything is measured. Its first
# argument is module:function. Two more name the inputs: "lines" and a file, or "values" and
# module:generator. It prints a JSON object with facts or with an error, and then each input as a line
# of JSON.
import sys

sys.path[:] = [p for p in sys.path if p]  # files of the current folder must not hide these modules
import importlib
import inspect
import json
import math
import os
import pickle
import sysconfig
import time
import traceback

MOST_INPUTS, MOST_BYTES = 1_000_000, 64 << 20
MOST_BITS = 10_000  # of an integer; Python converts no longer ones to text
TRIES, TRY_TIME = 5, 0.5  # calls of the function, and seconds after which no further call is made


class Wrong(Exception):
    """A mistake of the user. Its text says what to do."""


def said(e):
    """Return an exception as text, with the place in the user's code that raised it."""
    text = "".join(traceback.format_exception_only(type(e), e)).strip()
    frames = [f for f in traceback.extract_tb(e.__traceback__) if f.filename != "<string>" and "importlib" not in f.filename]
    if frames and not isinstance(e, SyntaxError):
        text += " (%s:%d, in %s)" % (os.path.basename(frames[-1].filename), frames[-1].lineno, frames[-1].name)
    return short(" ".join(text.split()), 500)


def load(name):
    """Return the module and the object of a name of the form module:object."""
    module, colon, path = name.partition(":")
    if module.endswith(".py"):
        raise Wrong("%s is a file; name the module without .py" % module)
    if not all(map(str.isidentifier, module.split(".") + path.split("."))):
        raise Wrong("%s is not of the form module:function, with names as Python's import has them" % name)
    print("importing", module, file=sys.stderr, flush=True)
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as e:
        if e.name and (module + ".").startswith(e.name + "."):
            raise Wrong("there is no module %s in the folder %s or among the modules of %s" % (e.name, os.getcwd(), sys.executable))
        raise Wrong("module %s cannot be imported: %s" % (module, said(e)))
    except BaseException as e:
        raise Wrong("module %s cannot be imported: %s" % (module, said(e)))
    value = found
    for part in path.split("."):
        if not hasattr(value, part):
            have = [n for n, v in vars(found).items() if callable(v) and not n.startswith("_")]
            raise Wrong("module %s has no %s; it has %s" % (module, path, ", ".join(have[:10]) or "no function"))
        value = getattr(value, part)
    return found, value


def function(name):
    module, f = load(name)
    if not callable(f):
        raise Wrong("%s is a value of type %s, not a function" % (name, type(f).__name__))
    if inspect.iscoroutinefunction(f):
        raise Wrong("%s is a coroutine function; name a plain function that calls asyncio.run" % name)
    try:
        same = pickle.loads(pickle.dumps(f))
    except Exception as e:
        raise Wrong("%s cannot be sent to a worker process, since pickle fails: %s; define it with def at the top level of its module" % (name, said(e)))
    if hasattr(f, "cache_info"):
        raise Wrong("%s keeps its results, so that later calls only look them up; remove its decorator, such as functools.lru_cache" % name)
    if inspect.isfunction(f) and same is not f:
        raise Wrong("%s cannot be sent to a worker process, since pickle finds another function; remove its decorator" % name)
    return module, f


def lines(path):
    try:
        with open(path, "rb") as f:
            data = f.read(MOST_BYTES + 1)
    except OSError as e:
        raise Wrong("%s: %s" % (path, e.strerror))
    if not data:
        raise Wrong("%s is empty; write one input on each line" % path)
    if data.endswith(b"\n"):
        data = data[:-1]
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            yield line.decode()
        except UnicodeDecodeError:
            raise Wrong("%s:%d: the line is not UTF-8; convert the file" % (path, number))


def values(name):
    _, source = load(name)
    try:
        yield from source() if callable(source) else source
    except Wrong:
        raise
    except BaseException as e:
        raise Wrong("%s failed: %s" % (name, said(e)))


def unfit(v):
    """Return why JSON cannot hold v, or None if it can."""
    try:
        return lacking(v)
    except RecursionError:
        return "lists or dicts that are nested too deeply"


def lacking(v):
    if v is None or isinstance(v, (str, bool)):
        return None
    if isinstance(v, int):
        return None if v.bit_length() <= MOST_BITS else "an integer of more than %d bits" % MOST_BITS
    if isinstance(v, float):
        return None if math.isfinite(v) else "the number %s" % v
    if isinstance(v, (list, tuple)):
        return next(filter(None, map(lacking, v)), None)
    if isinstance(v, dict):
        keys = next(("a dict with a key of type " + type(k).__name__ for k in v if not isinstance(k, str)), None)
        return keys or next(filter(None, map(lacking, v.values())), None)
    return "a value of type " + type(v).__name__


def short(text, most=80):
    return text if len(text) <= most else text[: most - 1] + "…"


def inputs(kind, name):
    """Return all inputs, each as JSON."""
    found, size = [], 0
    for v in lines(name) if kind == "lines" else values(name):
        why = unfit(v)
        if why:
            raise Wrong("input %d of %s is or contains %s, which JSON cannot hold; use text, numbers, lists and dicts" % (len(found) + 1, name, why))
        found.append(json.dumps(v))
        size += len(found[-1])
        if len(found) > MOST_INPUTS or size > MOST_BYTES:
            raise Wrong("%s has more than %d inputs or %d MiB; choose some of them" % (name, MOST_INPUTS, MOST_BYTES >> 20))
    if not found:
        raise Wrong("%s yields no input" % name)
    return found


def attempt(name, f, found, now=time.perf_counter_ns):  # bound here, since the user's module may replace it
    """Call the function with the first inputs. Return the shortest time of a call in ns."""
    shortest, end = math.inf, time.monotonic() + TRY_TIME
    for number, text in enumerate(found[:TRIES], 1):
        value = json.loads(text)
        print("calling it with input %d: %s" % (number, short(text)), file=sys.stderr, flush=True)
        began = now()
        try:
            out = f(value)
        except BaseException as e:
            raise Wrong("%s failed for input %d, %s: %s" % (name, number, short(text), said(e)))
        shortest = min(shortest, now() - began)
        if value != json.loads(text):
            raise Wrong("%s changes its input %d, %s; in a loop, later calls would have other inputs; copy the input before changing it" % (name, number, short(text)))
        why = unfit(out)
        if why:
            raise Wrong("the output of %s for input %d, %s, is or contains %s, which JSON cannot hold; return text, numbers, lists and dicts" % (name, number, short(text), why))
        if len(json.dumps(out)) > MOST_BYTES:
            raise Wrong("the output of %s for input %d, %s, has more than %d MiB as JSON; return less, such as a digest" % (name, number, short(text), MOST_BYTES >> 20))
        if time.monotonic() > end:
            break
    return shortest


def main(name, kind, source):
    sys.path.insert(0, os.getcwd())
    module, f = function(name)
    found = inputs(kind, source)
    work = attempt(name, f, found)
    return {"work": work, "file": getattr(module, "__file__", None) or "", "files": imported()}, found


def imported():
    """Return the files of all imported modules, except those that belong to the interpreter."""
    own = tuple(os.path.join(p, "") for p in {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")})
    packages = tuple(os.path.join(p, "") for p in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    files = (getattr(m, "__file__", None) or "" for m in list(sys.modules.values()))
    return sorted({os.path.abspath(f) for f in files if f and (f.startswith(packages) or not f.startswith(own))})


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # so that code of the user that prints does not disturb the answer
    try:
        facts, found = main(*sys.argv[1:])
    except Wrong as e:
        facts, found = {"error": str(e)}, []
    print(json.dumps(facts), *found, sep="\n", file=answers, flush=True)
    if sys.stdout:
        sys.stdout.flush()
    os._exit(0)  # threads of the user do not keep this process
