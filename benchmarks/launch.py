"""Run a script and write down the peak memory of this process: `python launch.py FILE SCRIPT ...`.

The peak that `wait4` tells is no use: Linux counts into it what the parent held before `exec`.
"""

import resource
import runpy
import sys
from pathlib import Path


def peak_mb() -> float:
    """Give the peak resident memory of this process, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    _, into, script, *arguments = sys.argv
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")
    Path(into).write_text(str(peak_mb()))
