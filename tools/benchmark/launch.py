"""Runs one program and writes "STATUS SECONDS PEAK_KIB CPU_SECONDS" to a descriptor: launch.py FD PROGRAM ARGUMENT...

A process of its own, since Linux counts what a program's parent held when it forked as the program's own memory. So
this one imports next to nothing. What it holds itself, about 5 MB, is the least that can be measured.
"""
import os
import sys
import time

report = int(sys.argv[1])
os.set_inheritable(report, False)
begin = time.perf_counter()
pid = os.fork()
if pid == 0:
    try:
        os.execvp(sys.argv[2], sys.argv[2:])
    except OSError as error:
        os.write(2, f"{sys.argv[2]}: {error.strerror}\n".encode())
    os._exit(127)
_, status, usage = os.wait4(pid, 0)
seconds = time.perf_counter() - begin
cpu = usage.ru_utime + usage.ru_stime
os.write(report, f"{os.waitstatus_to_exitcode(status)} {seconds:.6f} {usage.ru_maxrss} {cpu:.6f}".encode())
