"""Runs a command on a terminal of its own and prints, as JSON, what it showed there. on_terminal.py COLUMNS COMMAND..."""
import fcntl
import json
import os
import pty
import struct
import sys
import termios

columns, command = int(sys.argv[1]), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
shown = b""
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:  # Linux's way to say that nobody writes any more.
        break
    if not piece:
        break
    shown += piece
_, status = os.waitpid(child, 0)
print(json.dumps({"code": os.waitstatus_to_exitcode(status), "shown": shown.decode()}))
