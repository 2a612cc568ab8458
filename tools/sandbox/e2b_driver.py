"""What the E2B adapter runs in the cloud sandbox: a program in a process of its own, with limits; one line of report.

It stands alone (only its text travels). The line starts with a nonce, so that other output is never taken for it; a
program that takes over its virtual machine can still forge it, which is why the guarantees call it not isolated.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import IO, Any

OVERFLOW = 16


def _read(pipe: IO[bytes], limit: int, kept: bytearray, seen: list[int], group: int) -> None:
    while data := os.read(pipe.fileno(), 1 << 16):
        seen[0] += len(data)
        kept += data[: max(0, limit - len(kept))]
        if seen[0] > OVERFLOW * limit:
            _kill(group)
            return


def _kill(group: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(group, signal.SIGKILL)


def drive(request: dict[str, Any]) -> str:
    """Run the program and return the line of report."""
    folder = tempfile.mkdtemp()
    limits = request["limits"]
    with open(os.path.join(folder, "runner.py"), "w") as runner:  # noqa: PTH118, PTH123  (must stay small)
        runner.write(request["runner"])
    bounds = {key: limits[key] for key in ("cpu_s", "memory_mb", "file_mb")}
    work = os.path.join(folder, "work")  # noqa: PTH118
    os.mkdir(work)  # noqa: PTH102
    ask, tell = os.pipe()
    started = time.monotonic()
    process = subprocess.Popen(  # noqa: S603  (the purpose)
        [sys.executable, "-P", "-s", "-B", os.path.join(folder, "runner.py"), str(ask)],  # noqa: PTH118
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(ask,),
        env=request["environment"],
        cwd=work,
        start_new_session=True,
    )
    os.close(ask)
    streams = [(pipe, bytearray(), [0]) for pipe in (process.stdout, process.stderr) if pipe is not None]
    readers = [
        threading.Thread(target=_read, args=(pipe, limits["output_kb"] << 10, kept, seen, process.pid), daemon=True)
        for pipe, kept, seen in streams
    ]
    for reader in readers:
        reader.start()
    timer = threading.Timer(limits["wall_s"], _kill, (process.pid,))
    timer.start()
    with contextlib.suppress(BrokenPipeError), os.fdopen(tell, "wb") as pipe:
        pipe.write(json.dumps(bounds).encode() + b"\n" + base64.b64decode(request["code"]))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status = process.wait()
    wall_s = time.monotonic() - started
    timer.cancel()
    _kill(process.pid)
    for reader in readers:
        reader.join(1)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    shutil.rmtree(folder, ignore_errors=True)
    report = {
        "wait_status": -status if status < 0 else status << 8,
        "timed_out": wall_s >= limits["wall_s"],
        "wall_ms": 1000 * wall_s,
        "cpu_ms": 1000 * (usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime),
        "max_rss_kb": usage.ru_maxrss,
        "streams": [[base64.b64encode(kept).decode(), seen[0]] for _, kept, seen in streams],
    }
    return str(request["nonce"]) + json.dumps(report)
