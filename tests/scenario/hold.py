#!/usr/bin/env python3
"""hold FOLDER COMMAND...: binds three ports, tells them in FOLDER/ports, and when there is FOLDER/hubs becomes the command, which is
given the numbers of their descriptors as its last arguments."""

import os
import pathlib
import socket
import sys
import time

folder, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
sockets = [socket.socket() for _ in range(3)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
    one.set_inheritable(True)
(folder / "ports.new").write_text(" ".join(str(one.getsockname()[1]) for one in sockets) + "\n")
(folder / "ports.new").rename(folder / "ports")
while not (folder / "hubs").exists():
    time.sleep(0.05)
os.execv(command[0], [*command, *(str(one.fileno()) for one in sockets)])
