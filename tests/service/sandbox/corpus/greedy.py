"""Programs that take all they can, break their own process or lie about it; each with how it must end.

A status in the table is the only right ending; None leaves it open, since both the limit and the error may come first.
"""

# ruff: noqa: E501  (programs read best a line each)

from tools.sandbox.port import Status

BOUNDED: dict[str, tuple[str, Status | None]] = {
    "endless_loop": ("while True: pass", "timeout"),
    "endless_sleep": ("import time\ntime.sleep(90)", "timeout"),
    "deaf_loop": (
        "import signal\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
        "timeout",
    ),
    "one_long_call": ("x = 7 ** (3 ** 17)\nx * x\nlen(str(x)) if False else x ** 3", None),
    "catastrophic_pattern": ("import re\nre.match('(a+)+$', 'a' * 60 + 'b')", "timeout"),
    "busy_threads": (
        "import threading\nfor _ in range(8):\n    threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()",
        None,
    ),
    "thread_that_never_ends": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(90,)).start()",
        "timeout",
    ),
    "exit_function_that_never_ends": ("import atexit, time\natexit.register(time.sleep, 90)", "timeout"),
    "destructor_loop": (
        "class A:\n    def __del__(self):\n        while True: pass\na = A()\ndel a",
        "timeout",
    ),
    "closed_streams": ("import os, time\nos.close(0)\nos.close(1)\nos.close(2)\ntime.sleep(90)", "timeout"),
    "output_flood": ("while True: print('x' * 999)", "output_limit"),
    "error_flood": ("import os\nwhile True: os.write(2, b'x' * 9999)", "output_limit"),
    "one_endless_line": ("import os\nwhile True: os.write(1, b'x')", None),
    "long_syntax_error": ("x = '" + "a" * 60_000, "error"),
    "memory_at_once": ("x = bytearray(3 << 30)", "error"),
    "memory_bit_by_bit": ("x = []\nwhile True: x.append('a' * 100_000 + str(len(x)))", None),
    "memory_mapped": ("import mmap\nm = [mmap.mmap(-1, 1 << 28) for _ in range(14)]", "error"),
    "memory_private": (
        "import mmap\nm = [mmap.mmap(-1, 1 << 28, flags=mmap.MAP_PRIVATE) for _ in range(14)]",
        "error",
    ),
    "memory_numpy": ("import numpy\nnumpy.ones((30_000, 30_000))", "error"),
    "memory_pipes": (
        "import os\nall_ = []\nwhile True:\n    r, w = os.pipe()\n    os.set_blocking(w, False)\n    all_.append(w)\n"
        "    os.write(w, b'x' * 65_536)",
        "error",
    ),
    "decompression_bomb": ("import zlib\nzlib.decompress(zlib.compress(bytes(64 << 20)) * 1)\nbytes(3 << 30)", None),
    "descriptors": ("x = [open('/dev/null') for _ in range(5000)]", "error"),
    "large_file": ("open('f', 'wb').write(bytes(200 << 20))", "error"),
    "many_files": (
        "for n in range(400):\n    open(f'f{n}', 'wb').write(bytes(1 << 20))",
        "error",
    ),
    "many_empty_files": ("for n in range(20_000): open(f'f{n}', 'w').close()", "error"),
    "deep_folders": ("import os\nfor n in range(5000):\n    os.mkdir('d')\n    os.chdir('d')", "error"),
    "sparse_file": ("f = open('f', 'wb')\nf.truncate(1 << 40)", "error"),
    "shared_memory_file": ("f = open('/dev/shm/x', 'wb')\nf.write(b'x')", "error"),
    "deep_recursion": ("def f(n): return f(n + 1)\nf(0)", "error"),
    "deeper_recursion": ("import sys\nsys.setrecursionlimit(10**9)\ndef f(n): return f(n + 1)\nf(0)", None),
    "recursion_in_c": (
        "import sys\nsys.setrecursionlimit(10**9)\nx = []\nfor _ in range(10**6): x = [x]\nrepr(x)",
        None,
    ),
    "segmentation_fault": ("import ctypes\nctypes.string_at(0)", "crashed"),
    "fatal_signal": ("import faulthandler\nfaulthandler._sigsegv()", "crashed"),
    "abort": ("import os\nos.abort()", "crashed"),
    "bad_bytecode": (
        "def f(): pass\nf.__code__ = f.__code__.replace(co_code=bytes(range(200, 232)) * 4)\nf()",
        None,
    ),
    "end_without_cleaning": ("import os\nprint('lost')\nos._exit(0)", "ok"),
    "forged_exit_137": ("import os\nos._exit(137)", "error"),
    "forged_exit_125": ("import os\nos.write(2, b'ready sealed')\nos._exit(125)", "error"),
    "forged_cpu_limit": ("import os, signal\nos.kill(os.getpid(), signal.SIGXCPU)", "crashed"),
    "forged_timeout": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "crashed"),
    "forged_result": ('print(\'{"number": 1, "sealed": true, "wait_status": 0}\')\nraise SystemExit(1)', "error"),
    "forged_seal": (
        "import os\nfor n in range(3, 64):\n    try: os.write(n, b'sealed')\n    except OSError: pass",
        "ok",
    ),
    "bad_text": (
        "import os\nos.write(1, bytes(range(256)) * 3)\nos.write(1, '\\ud800'.encode('utf-8', 'surrogatepass'))",
        "ok",
    ),
    "terminal_codes": ("print('\\x1b[2J\\x1b]0;title\\x07')", "ok"),
    "lone_surrogate": ("print('\\ud800')", "error"),
    "poisoned_modules": (
        "import builtins, json, os, random, socket, sys\nbuiltins.print = None\nsys.stdout = None\nos._exit = None\n"
        "json.dumps = json.loads = socket.recv_fds = None\nrandom.seed = None\nsys.modules.clear()",
        None,
    ),
    "poisoned_numpy": ("import numpy\nnumpy.linalg.solve = None\nnumpy.array = None", "ok"),
    "huge_power": ("print(10 ** 10**8 % 7)\nx = 10 ** 10**9\nprint('ESCAPED', x.bit_length())", None),
    "huge_number_in_words": (
        "import sys\nsys.set_int_max_str_digits(0)\nprint(7 ** (3 * 10**7))\nprint('ESCAPED')",
        None,
    ),
    "long_hash": ("import hashlib\nhashlib.pbkdf2_hmac('sha256', b'a', b'b', 2**31 - 1)\nprint('ESCAPED')", "timeout"),
    "deep_formula": (
        "import sys\nfrom sympy import sin, symbols\nsys.setrecursionlimit(10**9)\nx = e = symbols('x')\n"
        "for _ in range(60_000): e = sin(e, evaluate=False)\nstr(e)\nprint('ESCAPED')",
        None,
    ),
    "deep_json": ("import sys, json\nsys.setrecursionlimit(10**9)\njson.loads('[' * 10**7)\nprint('ESCAPED')", None),
    "memory_numpy_in_four_ways": (
        "import numpy as np\nfor take in (lambda: np.ones(10**10), lambda: np.zeros(1 << 38, dtype='u1'),\n"
        "             lambda: np.empty((10**5, 10**5)), lambda: [np.ones(1 << 24) for _ in range(60)]):\n"
        "    try: take()\n    except MemoryError: continue\n    print('ESCAPED')",
        None,
    ),
    "stubborn_sleep": (
        "import time\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass",
        "timeout",
    ),
    "printing_to_closed_streams": ("import os\nos.close(1)\nos.close(2)\nprint('x')", "error"),
    "locked_folders": (
        "import os\nfor n in range(30):\n    os.mkdir(f'd{n}')\n    open(f'd{n}/f', 'w').close()\n    os.chmod(f'd{n}', 0)",
        None,
    ),
    "poisoned_mathematics": (
        "import decimal, math\nmath.pi = 4\ndecimal.getcontext().prec = 3\ndecimal.DefaultContext.prec = 3",
        "ok",
    ),
    "left_files": (
        "import os\nos.makedirs('a/b')\nopen('a/b/left', 'w').write('x')\nos.chmod('a', 0)\nos.chmod('.', 0)",
        None,
    ),
    "left_timers": ("import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\nwhile True: pass", "crashed"),
    "left_threads": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(90,), daemon=True).start()",
        "ok",
    ),
    "hunted_frames": (
        "import gc, socket\nfor o in gc.get_objects():\n    if isinstance(o, socket.socket):\n        try: o.send(b'x')\n"
        "        except OSError: pass",
        "ok",
    ),
}
