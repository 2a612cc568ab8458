"""Programs that try to get out, or to take more than their share.

An attack prints ESCAPED where it got what it wanted. What it may aim at is put in by the runner: @SECRET@ (a file that
anybody may read), @MARKER@ (a path where no file may appear), @PORT@ and @UDP@ (listeners on loopback), @UNIX@ and
@ABSTRACT@ (local sockets that listen), @HOST@ and @VICTIM@ (process numbers), @PROJECT@ (this project's folder).
All are bounded and stay on this machine.
"""

# ruff: noqa: E501  (programs read best a line each)

PRELUDE = """
import ctypes, os, signal, socket, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *words):
    libc.syscall.restype = ctypes.c_long
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in words]
    result = libc.syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return result
def attempt(action):
    try:
        result = action()
    except BaseException as error:
        print('refused', type(error).__name__)
    else:
        print('ESCAPED', repr(result)[:200])
def send(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as s:
        s.settimeout(1)
        s.connect(address)
        s.send(b'escaped')
"""

FILES = {
    "open": "attempt(lambda: open('@SECRET@').read())",
    "os_open": "attempt(lambda: os.read(os.open('@SECRET@', os.O_RDONLY), 99))",
    "openat2": "attempt(lambda: call(437, -100, b'@SECRET@', struct.pack('QQQ', 0, 0, 0), 24))",
    "numpy_fromfile": "import numpy\nattempt(lambda: numpy.fromfile('@SECRET@', dtype='u1'))",
    "sympify": "import sympy\nattempt(lambda: print(sympy.sympify(\"open('@SECRET@').read()\")) or 1 / 0)",
    "symlink": "os.symlink('@SECRET@', 'link')\nattempt(lambda: open('link').read())",
    "hard_link": "attempt(lambda: os.link('@SECRET@', 'link'))",
    "dot_dot": "attempt(lambda: open('../' * 20 + '@SECRET@').read())",
    "proc_root": "attempt(lambda: open('/proc/1/root@SECRET@').read())",
    "proc_parent_environ": "attempt(lambda: open(f'/proc/{os.getppid()}/environ').read())",
    "proc_host_environ": "attempt(lambda: open('/proc/@HOST@/environ').read())",
    "proc_host_memory": "attempt(lambda: open('/proc/@HOST@/mem', 'rb').read(1))",
    "proc_descriptors": "attempt(lambda: os.listdir('/proc/@HOST@/fd'))",
    "shadow": "attempt(lambda: open('/etc/shadow').read())",
    "passwd": "attempt(lambda: open('/etc/passwd').read())",
    "hosts_file": "attempt(lambda: open('/etc/hosts').read())",
    "list_etc": "attempt(lambda: os.listdir('/etc/ssl'))",
    "list_project": "attempt(lambda: os.listdir('@PROJECT@'))",
    "import_project": "sys.path.append('@PROJECT@')\nattempt(lambda: __import__('agents.records'))",
    "write_marker": "attempt(lambda: open('@MARKER@', 'w').write('x'))",
    "write_library": "attempt(lambda: open(os.__file__, 'ab'))",
    "write_packages": "import numpy\nattempt(lambda: open(os.path.dirname(numpy.__file__) + '/x.py', 'w'))",
    "chmod_library": "attempt(lambda: os.chmod(os.__file__, 0o777))",
    "chmod_device": "attempt(lambda: os.chmod('/dev/null', 0o600))",
    "chmod_secret": "attempt(lambda: os.chmod('@SECRET@', 0o777))",
    "chown_library": "attempt(lambda: os.chown(os.__file__, 1, 1))",
    "touch_library": "attempt(lambda: os.utime(os.__file__))",
    "touch_secret": "attempt(lambda: os.utime('@SECRET@', (1, 1)))",
    "truncate_library": "attempt(lambda: os.truncate(os.__file__, 0))",
    "unlink_library": "attempt(lambda: os.unlink(os.__file__))",
    "rename_library": "attempt(lambda: os.rename(os.__file__, os.__file__ + '.old'))",
    "unlink_secret": "attempt(lambda: os.unlink('@SECRET@'))",
    "xattr_library": "attempt(lambda: os.setxattr(os.__file__, 'user.x', b'1'))",
    "mount": "attempt(lambda: call(165, b'tmpfs', b'/tmp', b'tmpfs', 0, 0))",
    "bind_mount": "attempt(lambda: call(165, b'/', b'/tmp', 0, 4096, 0))",
    "unmount": "attempt(lambda: call(166, b'/tmp', 2))",
    "open_tree": "attempt(lambda: call(428, -100, b'/', 1))",
    "fsopen": "attempt(lambda: call(430, b'tmpfs', 0))",
    "chroot": "attempt(lambda: os.chroot('/tmp'))",
    "pivot_root": "attempt(lambda: call(155, b'/tmp', b'/tmp'))",
    "device_node": "attempt(lambda: os.mknod('disk', 0o60600, os.makedev(254, 0)))",
    "kernel_memory": "attempt(lambda: open('/dev/mem', 'rb'))",
    "kernel_log": "attempt(lambda: open('/dev/kmsg'))",
    "disk": "attempt(lambda: [open('/dev/' + d, 'rb') for d in ('vda', 'sda', 'nvme0n1', 'xvda')][0])",
    "terminal": "attempt(lambda: open('/dev/tty', 'w'))",
    "handle": "attempt(lambda: call(303, -100, b'/', struct.pack('Ii', 128, 0) + bytes(128), bytes(8), 0))",
    "inherited_descriptors": (
        "found = []\nfor n in range(3, 4096):\n    try:\n        os.fstat(n)\n    except OSError:\n        continue\n"
        "    found.append(n)\nif found: print('ESCAPED', found)"
    ),
    "environment": "if 'canary' in str(dict(os.environ)): print('ESCAPED')",
    "c_environment": (
        "e = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, 'environ')\nn = 0\n"
        "while e[n]:\n    if b'canary' in e[n]: print('ESCAPED')\n    n += 1"
    ),
}

NETWORK = {
    "tcp": "attempt(lambda: send(socket.AF_INET, ('127.0.0.1', @PORT@)))",
    "tcp6": "attempt(lambda: send(socket.AF_INET6, ('::1', @PORT@)))",
    "udp": "attempt(lambda: send(socket.AF_INET, ('127.0.0.1', @UDP@), socket.SOCK_DGRAM))",
    "outside": "attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))",
    "http": "import urllib.request\nattempt(lambda: urllib.request.urlopen('http://127.0.0.1:@PORT@', timeout=1))",
    "listen": "attempt(lambda: socket.create_server(('127.0.0.1', 0)))",
    "unix_path": "attempt(lambda: send(socket.AF_UNIX, '@UNIX@'))",
    "unix_abstract": "attempt(lambda: send(socket.AF_UNIX, '\\0@ABSTRACT@'))",
    "unix_datagram_pair": "a, b = socket.socketpair(type=socket.SOCK_DGRAM)\nattempt(lambda: a.sendto(b'x', '@UNIX@'))",
    "unix_stream_pair_elsewhere": "a, b = socket.socketpair()\nattempt(lambda: a.sendto(b'x', '\\0@ABSTRACT@'))",
    "vsock": "attempt(lambda: socket.socket(40, socket.SOCK_STREAM).connect((2, 1)))",
    "raw": "attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))",
    "packet": "attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))",
    "netlink": "attempt(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))",
    "crypto": "attempt(lambda: socket.socket(38, socket.SOCK_SEQPACKET))",
    "by_number": "attempt(lambda: call(41, 2, 1, 0))",
    "descriptor_passing": ("a, b = socket.socketpair()\nattempt(lambda: socket.send_fds(a, [b'x'], [0]))"),
}

PROCESSES = {
    "fork": "attempt(lambda: os.fork() or os._exit(0))",
    "fork_bomb": "for _ in range(400):\n    attempt(lambda: os.fork() or time.sleep(90))",
    "vfork": "attempt(lambda: call(58))",
    "clone": "attempt(lambda: call(56, 17, 0, 0, 0, 0))",
    "clone_shared_memory": "attempt(lambda: call(56, 0x111, 0, 0, 0, 0))",
    "clone3": "attempt(lambda: call(435, struct.pack('8Q', 0, 0, 0, 0, 17, 0, 0, 0), 64))",
    "shell": "if os.system('echo out') == 0: print('ESCAPED')",
    "subprocess": "import subprocess\nattempt(lambda: subprocess.run(['/bin/sh', '-c', 'id'], check=True))",
    "spawn": "attempt(lambda: os.posix_spawn(sys.executable, [sys.executable], {}))",
    "exec": "attempt(lambda: os.execv(sys.executable or '/usr/bin/python3', ['python']))",
    "exec_memory": "attempt(lambda: os.memfd_create('x'))",
    "setuid_program": "attempt(lambda: os.execv('/usr/bin/su', ['su']))",
    "own_program": (
        "open('run', 'w').write('#!/bin/sh\\necho ESCAPED\\n')\nos.chmod('run', 0o755)\n"
        "attempt(lambda: os.execv('./run', ['run']))"
    ),
    "terminal_child": "import pty\nattempt(lambda: pty.fork())",
    "multiprocessing": (
        "import multiprocessing\nattempt(lambda: multiprocessing.get_context('fork').Process(target=print).start())"
    ),
    "daemon": (
        "try:\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n            time.sleep(90)\n"
        "    print('ESCAPED')\nexcept OSError:\n    pass"
    ),
    "session": "attempt(lambda: os.setsid())",
    "become_another": "attempt(lambda: os.setresuid(1, 1, 1))",
    "user_namespace": "attempt(lambda: call(272, 0x10000000))",
    "enter_namespace": "attempt(lambda: call(308, 0, 0x10000000))",
    "thread_bomb": (
        "import threading\nstop = threading.Event()\ntry:\n    for n in range(3000):\n"
        "        threading.Thread(target=stop.wait, daemon=True).start()\n    print('ESCAPED', n)\n"
        "except (RuntimeError, MemoryError):\n    pass\nos._exit(0)"
    ),
}

SIGNALS = {
    "kill_host": "attempt(lambda: os.kill(@HOST@, 9))",
    "kill_victim": "attempt(lambda: os.kill(@VICTIM@, 9))",
    "kill_parent": "attempt(lambda: os.kill(os.getppid() or 1, 9))",
    "kill_all": "attempt(lambda: os.kill(-1, 9))",
    "kill_group": "attempt(lambda: os.killpg(0, 9))",
    "kill_first": "attempt(lambda: os.kill(1, 9))",
    "kill_neighbours": "for n in range(2, 400):\n    if n != os.getpid(): attempt(lambda: os.kill(n, 9))",
    "thread_kill": "attempt(lambda: call(234, @VICTIM@, @VICTIM@, 9))",
    "old_thread_kill": "attempt(lambda: call(200, @VICTIM@, 9))",
    "queue_signal": "attempt(lambda: call(129, @VICTIM@, 9, bytes(128)))",
    "queue_thread_signal": "attempt(lambda: call(297, @VICTIM@, @VICTIM@, 9, bytes(128)))",
    "process_descriptor": "attempt(lambda: signal.pidfd_send_signal(os.pidfd_open(@VICTIM@), 9))",
    "owner_of_a_pipe": (
        "import fcntl\nr, w = os.pipe()\nattempt(lambda: fcntl.fcntl(r, fcntl.F_SETOWN, @VICTIM@))\n"
        "attempt(lambda: fcntl.fcntl(r, 10, 9))"
    ),
    "owner_by_ioctl": "import fcntl\na, b = socket.socketpair()\nattempt(lambda: fcntl.ioctl(a, 0x8901, struct.pack('i', @VICTIM@)))",
    "trace": "attempt(lambda: call(101, 16, @VICTIM@, 0, 0))",
    "trace_me": "attempt(lambda: call(101, 0, 0, 0, 0))",
    "read_memory": "attempt(lambda: call(310, @VICTIM@, 0, 0, 0, 0, 0))",
    "write_memory": "attempt(lambda: call(311, @VICTIM@, 0, 0, 0, 0, 0))",
    "compare": "attempt(lambda: call(312, @VICTIM@, @HOST@, 0, 0, 0))",
    "limits_of_another": "attempt(lambda: call(302, @VICTIM@, 7, struct.pack('QQ', 9, 9), 0))",
    "limits_of_the_parent": "attempt(lambda: call(302, os.getppid() or 1, 7, struct.pack('QQ', 9, 9), 0))",
    "own_limits": "import resource\nattempt(lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)))",
    "affinity_of_another": "attempt(lambda: os.sched_setaffinity(@VICTIM@, {0}))",
    "own_affinity": "attempt(lambda: os.sched_setaffinity(0, {0}))",
    "priority_of_another": "attempt(lambda: os.setpriority(os.PRIO_PROCESS, @VICTIM@, 19))",
    "scheduler": "attempt(lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1)))",
    "terminal_input": "import fcntl\nattempt(lambda: [fcntl.ioctl(n, 0x5412, b'x') for n in (0, 1, 2)])",
    "outlive_parent": "attempt(lambda: call(157, 1, 0, 0, 0, 0))",
}

KERNEL = {
    "bpf": "attempt(lambda: call(321, 0, bytes(128), 128))",
    "io_uring": "attempt(lambda: call(425, 8, bytes(120)))",
    "userfaultfd": "attempt(lambda: call(323, 1))",
    "perf": "attempt(lambda: call(298, struct.pack('IIQ', 1, 112, 0) + bytes(96), 0, -1, -1, 0))",
    "add_key": "attempt(lambda: call(248, b'user', b'x', b'y', 1, -3))",
    "keyctl": "attempt(lambda: call(250, 0, -3, 1))",
    "message_queue": "attempt(lambda: call(240, b'x', 66, 384, 0))",
    "sysv_shared_memory": "attempt(lambda: call(29, 0, 1 << 20, 0o1600))",
    "sysv_message_queue": "attempt(lambda: call(68, 0, 0o1600))",
    "sysv_semaphore": "attempt(lambda: call(64, 0, 1, 0o1600))",
    "personality": "attempt(lambda: call(135, 0x40000))",
    "load_module": "attempt(lambda: call(175, b'x', 1, b''))",
    "clock": "attempt(lambda: time.clock_settime(0, time.time()))",
    "host_name": "attempt(lambda: socket.sethostname('x'))",
    "ports": "attempt(lambda: call(173, 0x80, 1, 1))",
    "segments": "attempt(lambda: call(154, 0, bytes(16), 16))",
    "fanotify": "attempt(lambda: call(300, 0, 0))",
    "quota": "attempt(lambda: call(179, 0, 0, 0, 0))",
    "move_pages": "attempt(lambda: call(279, @VICTIM@, 0, 0, 0, 0, 0))",
    "secret_memory": "attempt(lambda: call(447, 0))",
    "more_filters": "attempt(lambda: call(317, 1, 0, 0))",
    "pipe_size": "import fcntl\nr, w = os.pipe()\nattempt(lambda: fcntl.fcntl(w, 1031, 1 << 20))",
    "x32_call": "attempt(lambda: call(0x40000000 + 39))",
    "i386_call": (
        "import mmap\nm = mmap.mmap(-1, 4096, prot=7)\n"
        "m.write(b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3')\n"
        "address = ctypes.addressof(ctypes.c_char.from_buffer(m))\n"
        "attempt(lambda: ctypes.CFUNCTYPE(ctypes.c_int)(address)())"
    ),
}

LIBRARY = {
    "write_through_link": (
        "os.symlink(os.path.dirname('@MARKER@'), 'out')\nattempt(lambda: open('out/' + os.path.basename('@MARKER@'), 'w'))"
    ),
    "write_anywhere": (
        "for folder in [*sys.path, '/', '/etc', '/usr/lib', '/box', '/dev', '/dev/shm', '/var/tmp', '/run', '/home']:\n"
        "    attempt(lambda: open(folder + '/nanoflux-attack', 'w'))"
    ),
    "list_anywhere": (
        "for folder in ('/root', '/home', '/var/lib', '/run', '/proc', '/sys', '/etc', '@PROJECT@'):\n"
        "    attempt(lambda: os.listdir(folder)[0])"
    ),
    "packages_appended": "import numpy\nattempt(lambda: open(numpy.__file__, 'a'))",
    "move_mount": "attempt(lambda: call(429, -1, b'', -1, b'', 0))",
    "mount_attributes": "attempt(lambda: call(442, -100, b'/', 0, struct.pack('QQQQ', 0, 1, 0, 0), 32))",
    "open_by_handle": "attempt(lambda: call(304, 0, bytes(64), 0))",
    "input_is_no_terminal": "attempt(lambda: os.ttyname(0))\nattempt(lambda: os.open('/dev/tty', os.O_RDWR))",
    "terminal_input_high_bits": (
        "for n in (0, 1, 2):\n    for code in (0x5412, 0x100005412, 0x541C, 0x10000541C, 0x5414, 0x540E, 0x8912, 0x8933):\n"
        "        attempt(lambda: call(16, n, code, b'x' * 64))"
    ),
}

FAMILIES = {
    "every_family": (
        "for family in [n for n in range(1, 46)]:\n"
        "    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):\n"
        "        attempt(lambda: call(41, family, kind, 0))"
    ),
    "seqpacket_pair": "attempt(lambda: call(53, 1, 5, 0, bytes(8)))",
}

RELATIVES = {
    "execute_descriptor": "attempt(lambda: call(322, 0, b'', 0, 0, 0x1000))",
    "shell_pipe": "if os.popen('echo out').read(): print('ESCAPED')",
    "pickle": (
        "import pickle\nclass A:\n    def __reduce__(self): return os.system, ('echo out',)\n"
        "if pickle.loads(pickle.dumps(A())) == 0: print('ESCAPED')"
    ),
    "sympify_command": (
        "import sympy\nattempt(lambda: sympy.sympify(\"__import__('os').system('true')\") == 0 or 1 / 0)"
    ),
    "process_pool": (
        "from concurrent.futures import ProcessPoolExecutor\n"
        "attempt(lambda: ProcessPoolExecutor(1).submit(abs, 1).result(1))\nos._exit(0)"
    ),
    "trace_relatives": (
        "for pid in (os.getppid(), 1, @HOST@):\n"
        "    attempt(lambda: call(101, 16, pid, 0, 0))\n    attempt(lambda: call(101, 0x4206, pid, 0, 0))"
    ),
    "read_relatives": (
        "mine = ctypes.create_string_buffer(64)\nown = struct.pack('QQ', ctypes.addressof(mine), 64)\n"
        "for pid in (os.getppid(), 1, @HOST@):\n"
        "    attempt(lambda: call(310, pid, own, 1, struct.pack('QQ', 0x400000, 64), 1, 0))"
    ),
    "wake_relatives": "for pid in (os.getppid() or 1, 1, @HOST@, -1):\n    attempt(lambda: os.kill(pid, 18))",
    "descriptors_of_relatives": (
        "for pid in (1, @HOST@):\n    attempt(lambda: call(434, pid, 0))\nattempt(lambda: call(438, 3, 1, 0))"
    ),
    "scheduling_of_relatives": (
        "for pid in (os.getppid() or 1, 1, @HOST@):\n"
        "    attempt(lambda: call(203, pid, 8, struct.pack('Q', 1)))\n    attempt(lambda: call(141, 0, pid, 19))\n"
        "    attempt(lambda: call(144, pid, 3, struct.pack('i', 0)))\n    attempt(lambda: call(251, 1, pid, 0x6000))\n"
        "    attempt(lambda: call(256, pid, 1, struct.pack('Q', 1), struct.pack('Q', 1)))\n"
        "    attempt(lambda: call(109, pid, pid))"
    ),
    "every_limit": (
        "import resource\nfor name in ('AS', 'CPU', 'FSIZE', 'NOFILE', 'NPROC', 'STACK'):\n"
        "    kind = getattr(resource, 'RLIMIT_' + name)\n    attempt(lambda: resource.setrlimit(kind, (-1, -1)))"
    ),
}

SWITCHES = {
    "userfaultfd_of_the_kernel": "attempt(lambda: call(323, 0))",
    "request_key": "attempt(lambda: call(249, b'user', b'a', 0, -2))",
    "add_session_key": "attempt(lambda: call(248, b'user', b'a', b'b', 1, -2))",
    "bpf_load": "attempt(lambda: call(321, 5, bytes(120), 120))",
    "inotify": "attempt(lambda: call(253))\nattempt(lambda: call(294, 0))",
    "x32_execution": "attempt(lambda: call(0x40000000 + 520, b'/bin/true', 0, 0))",
    "kexec": "attempt(lambda: call(246, 0, 0, 0, 0))",
    "restart": "attempt(lambda: call(169, 0xFEE1DEAD, 672274793, 0, 0))",
    "io_privilege": "attempt(lambda: call(172, 3))",
    "swap": "attempt(lambda: call(167, b'/x', 0))",
    "accounting": "attempt(lambda: call(163, 0))",
    "system_log": "attempt(lambda: call(103, 10, 0, 0))",
    "set_time": "attempt(lambda: call(227, 0, struct.pack('qq', 0, 0)))",
}

NEIGHBOURS = {
    "objects": (
        "import gc\nfor o in gc.get_objects():\n    if type(o).__name__ in ('Zygote', 'Slot', 'Job'):\n"
        "        print('ESCAPED', type(o).__name__, str(o)[:200])\nframe = sys._getframe()\nwhile frame:\n"
        "    if 'zygote' in frame.f_code.co_filename: print('ESCAPED', frame.f_locals)\n    frame = frame.f_back"
    ),
    "memory": (
        "import gc, re\nr, w = os.pipe()\nhidden = re.compile(b'neighbour-' + b'[0-9a-f]{32}')\n"
        "libc.sbrk.restype = ctypes.c_void_p\nlibc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]\n"
        "def look(page):\n    if libc.write(w, page, 4096) != 4096: return False\n"
        "    for match in hidden.findall(os.read(r, 4096)): print('ESCAPED', match)\n    return True\n"
        "page = (libc.sbrk(0) >> 12 << 12) - 4096\nwhile look(page): page -= 4096\n"
        "for region in sorted({id(o) >> 20 for o in gc.get_objects()} | {id(s) >> 20 for s in sys.modules}):\n"
        "    for page in range(region << 20, region + 1 << 20, 4096): look(page)"
    ),
}
"""While these run, another program is in flight that holds `neighbour-` and 32 hexadecimal digits."""

ATTACKS = {
    f"{group}_{name}": PRELUDE + code
    for group, attacks in (
        ("files", FILES),
        ("network", NETWORK),
        ("processes", PROCESSES),
        ("signals", SIGNALS),
        ("kernel", KERNEL),
        ("library", LIBRARY),
        ("families", FAMILIES),
        ("relatives", RELATIVES),
        ("switches", SWITCHES),
        ("neighbours", NEIGHBOURS),
    )
    for name, code in attacks.items()
}
