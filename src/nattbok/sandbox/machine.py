"""The machine that the sandbox's doors stand on."""

import socket

# What it calls itself to itself alone: nobody else can knock.
THIS_MACHINE = str(socket.getaddrinfo(None, 0, socket.AF_INET)[0][4][0])
