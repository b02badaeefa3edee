"""Run a script and write the peak memory of this process into the file that BENCH_PEAK names.

`python launch.py SCRIPT ...`. The peak that `wait4` tells is no use: Linux counts into it what the
parent held before `exec`.
"""

import os
import resource
import runpy
import sys
from pathlib import Path


def peak_mb() -> float:
    """Give the peak resident memory of this process, in MB."""
    return _memory_mb("VmHWM")


def memory_mb() -> float:
    """Give the resident memory of this process now, in MB; its peak where only that is known."""
    return _memory_mb("VmRSS")


def _memory_mb(name: str) -> float:
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines[name].split()[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    _, script, *arguments = sys.argv
    sys.argv = [script, *arguments]
    sys.path[0] = str(Path(script).parent)
    runpy.run_path(script, run_name="__main__")
    Path(os.environ["BENCH_PEAK"]).write_text(str(peak_mb()))  # noqa: TID251 - not a setting
