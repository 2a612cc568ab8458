"""Names and numbers of the system calls that a program may make; the numbers are those of the kernel's own headers."""

from __future__ import annotations

ALLOWED: tuple[str, ...] = tuple(
    """
    read write close fstat newfstatat stat lstat statx lseek mmap mprotect munmap mremap brk madvise mincore msync
    membarrier rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack
    restart_syscall pause pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 sendfile copy_file_range
    open openat creat access faccessat faccessat2 readlink readlinkat getdents getdents64 getcwd chdir fchdir
    umask rename renameat renameat2 mkdir mkdirat rmdir unlink unlinkat link linkat symlink symlinkat truncate
    ftruncate fallocate fadvise64 fsync fdatasync sync_file_range flock statfs fstatfs close_range dup dup2 dup3
    pipe pipe2 eventfd eventfd2 poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait
    epoll_pwait epoll_pwait2 recvfrom shutdown getsockname getpeername getsockopt futex futex_waitv
    set_robust_list get_robust_list set_tid_address rseq sched_yield sched_getaffinity sched_getparam
    sched_getscheduler sched_get_priority_max sched_get_priority_min getcpu nanosleep clock_nanosleep
    clock_gettime clock_getres gettimeofday time times alarm getitimer setitimer timer_create timer_settime
    timer_gettime timer_getoverrun timer_delete timerfd_create timerfd_settime timerfd_gettime getpid gettid
    getppid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid getgroups getpriority
    getrlimit getrusage uname sysinfo getrandom exit exit_group wait4 waitid
    """.split()  # noqa: SIM905  (a list of words reads better as words)
)
"""Allowed whatever the arguments."""

CHANGES_FILE_ATTRIBUTES: tuple[str, ...] = tuple(
    """
    chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat
    """.split()  # noqa: SIM905  (a list of words reads better as words)
)
"""Landlock lets them pass, so they are allowed only where every file in sight is the program's own."""

ATTRIBUTE_LISTS = ("listxattr", "llistxattr", "flistxattr", "getxattr", "lgetxattr", "fgetxattr")
"""Answered as on a file system that has no extended attributes."""


def _read(table: str) -> dict[str, int]:
    return {name: int(number) for name, _, number in (word.partition("=") for word in table.split())}


_X86_64 = _read(
    """
    listxattr=194 llistxattr=195 flistxattr=196 getxattr=191 lgetxattr=192 fgetxattr=193
    read=0 write=1 close=3 fstat=5 newfstatat=262 stat=4 lstat=6 statx=332 lseek=8 mmap=9 mprotect=10 munmap=11
    mremap=25 brk=12 madvise=28 mincore=27 msync=26 membarrier=324 rt_sigaction=13 rt_sigprocmask=14
    rt_sigreturn=15 rt_sigpending=127 rt_sigtimedwait=128 rt_sigsuspend=130 sigaltstack=131 restart_syscall=219
    pause=34 pread64=17 pwrite64=18 readv=19 writev=20 preadv=295 pwritev=296 preadv2=327 pwritev2=328 sendfile=40
    copy_file_range=326 open=2 openat=257 creat=85 access=21 faccessat=269 faccessat2=439 readlink=89
    readlinkat=267 getdents=78 getdents64=217 getcwd=79 chdir=80 fchdir=81 umask=95 rename=82 renameat=264
    renameat2=316 mkdir=83 mkdirat=258 rmdir=84 unlink=87 unlinkat=263 link=86 linkat=265 symlink=88 symlinkat=266
    truncate=76 ftruncate=77 fallocate=285 fadvise64=221 fsync=74 fdatasync=75 sync_file_range=277 flock=73
    statfs=137 fstatfs=138 close_range=436 dup=32 dup2=33 dup3=292 pipe=22 pipe2=293 eventfd=284 eventfd2=290
    poll=7 ppoll=271 select=23 pselect6=270 epoll_create=213 epoll_create1=291 epoll_ctl=233 epoll_wait=232
    epoll_pwait=281 epoll_pwait2=441 recvfrom=45 shutdown=48 getsockname=51 getpeername=52 getsockopt=55 futex=202
    futex_waitv=449 set_robust_list=273 get_robust_list=274 set_tid_address=218 rseq=334 sched_yield=24
    sched_getaffinity=204 sched_getparam=143 sched_getscheduler=145 sched_get_priority_max=146
    sched_get_priority_min=147 getcpu=309 nanosleep=35 clock_nanosleep=230 clock_gettime=228 clock_getres=229
    gettimeofday=96 time=201 times=100 alarm=37 getitimer=36 setitimer=38 timer_create=222 timer_settime=223
    timer_gettime=224 timer_getoverrun=225 timer_delete=226 timerfd_create=283 timerfd_settime=286
    timerfd_gettime=287 getpid=39 gettid=186 getppid=110 getpgrp=111 getpgid=121 getsid=124 getuid=102 geteuid=107
    getgid=104 getegid=108 getresuid=118 getresgid=120 getgroups=115 getpriority=140 getrlimit=97 getrusage=98
    uname=63 sysinfo=99 getrandom=318 exit=60 exit_group=231 wait4=61 waitid=247 chmod=90 fchmod=91 fchmodat=268
    fchmodat2=452 utime=132 utimes=235 utimensat=280 futimesat=261 clone=56 clone3=435 kill=62 tgkill=234 fcntl=72
    ioctl=16 prctl=157 prlimit64=302 sendto=44 socketpair=53
    """
)

_AARCH64 = _read(
    """
    listxattr=11 llistxattr=12 flistxattr=13 getxattr=8 lgetxattr=9 fgetxattr=10
    read=63 write=64 close=57 fstat=80 newfstatat=79 statx=291 lseek=62 mmap=222 mprotect=226 munmap=215
    mremap=216 brk=214 madvise=233 mincore=232 msync=227 membarrier=283 rt_sigaction=134 rt_sigprocmask=135
    rt_sigreturn=139 rt_sigpending=136 rt_sigtimedwait=137 rt_sigsuspend=133 sigaltstack=132 restart_syscall=128
    pread64=67 pwrite64=68 readv=65 writev=66 preadv=69 pwritev=70 preadv2=286 pwritev2=287 sendfile=71
    copy_file_range=285 openat=56 faccessat=48 faccessat2=439 readlinkat=78 getdents64=61 getcwd=17 chdir=49
    fchdir=50 umask=166 renameat=38 renameat2=276 mkdirat=34 unlinkat=35 linkat=37 symlinkat=36 truncate=45
    ftruncate=46 fallocate=47 fadvise64=223 fsync=82 fdatasync=83 sync_file_range=84 flock=32 statfs=43 fstatfs=44
    close_range=436 dup=23 dup3=24 pipe2=59 eventfd2=19 ppoll=73 pselect6=72 epoll_create1=20 epoll_ctl=21
    epoll_pwait=22 epoll_pwait2=441 recvfrom=207 shutdown=210 getsockname=204 getpeername=205 getsockopt=209
    futex=98 futex_waitv=449 set_robust_list=99 get_robust_list=100 set_tid_address=96 rseq=293 sched_yield=124
    sched_getaffinity=123 sched_getparam=121 sched_getscheduler=120 sched_get_priority_max=125
    sched_get_priority_min=126 getcpu=168 nanosleep=101 clock_nanosleep=115 clock_gettime=113 clock_getres=114
    gettimeofday=169 times=153 getitimer=102 setitimer=103 timer_create=107 timer_settime=110 timer_gettime=108
    timer_getoverrun=109 timer_delete=111 timerfd_create=85 timerfd_settime=86 timerfd_gettime=87 getpid=172
    gettid=178 getppid=173 getpgid=155 getsid=156 getuid=174 geteuid=175 getgid=176 getegid=177 getresuid=148
    getresgid=150 getgroups=158 getpriority=141 getrlimit=163 getrusage=165 uname=160 sysinfo=179 getrandom=278
    exit=93 exit_group=94 wait4=260 waitid=95 fchmod=52 fchmodat=53 fchmodat2=452 utimensat=88 clone=220
    clone3=435 kill=129 tgkill=131 fcntl=25 ioctl=29 prctl=167 prlimit64=261 sendto=206 socketpair=199
    """
)

ARCHITECTURES: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (0xC000003E, _X86_64),
    "aarch64": (0xC00000B7, _AARCH64),
}
"""By machine: the kernel's number of the calling convention, and the number of each call named above or checked."""
