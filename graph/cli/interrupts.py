"""Ctrl-C and SIGTERM as calls within the event loop, on every platform."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable

INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


def on_interrupt(call: Callable[[], object]) -> None:
    """Call this in the running loop for each interrupt, instead of stopping the process.

    Elsewhere than in the main thread nothing is changed: no other thread may handle signals.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in INTERRUPTS:
        try:
            loop.add_signal_handler(number, call)
        except NotImplementedError:  # on Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(call))
