# This program prints one line with facts about the interpreter that runs it. It also runs in Python 2,
# so that an old interpreter can report its version.
import sys

sys.path[:] = [p for p in sys.path if p]  # without the current folder: its files hide modules
import json
import platform

facts = {
    "path": sys.executable,
    "version": platform.python_version(),
    "implementation": platform.python_implementation(),
    "free_threaded": not getattr(sys, "_is_gil_enabled", lambda: True)(),
    "modules": {},
}
if sys.version_info >= (3, 8):
    import importlib.metadata
    import importlib.util

    for name in ("joblib", "dask", "distributed", "ray"):
        try:
            if importlib.util.find_spec(name) is not None:
                facts["modules"][name] = importlib.metadata.version(name)
        except Exception:
            pass  # a module without a version cannot be recorded, so it counts as absent
print("payoff-python " + json.dumps(facts))
