"""The far side of a network that a test owns: a TUN interface whose other hosts answer TCP as their addresses say.

10.99.0.1 is this machine. A SYN to any other host is answered after a round trip of 200 ms; what comes then is
    10.99.0.10   reset at once, as by a device close by that the endpoint never hears of
    10.99.0.20   never acknowledged, as by a device that drops it
"""

import fcntl
import os
import select
import socket
import struct
import subprocess
import time

INTERFACE = "far0"
ROUND_TRIP = 0.2
RESETS, DROPS = "10.99.0.10", "10.99.0.20"

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SYN, RST, ACK = 0x02, 0x04, 0x10


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(source, destination, ports, sequence, acknowledged, flags):
    """An IPv4 packet with a TCP header and no data."""
    tcp = struct.pack("!HHIIBBHHH", *ports, sequence, acknowledged, 5 << 4, flags, 65535, 0, 0)
    pseudo = source + destination + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, socket.IPPROTO_TCP, 0, source, destination)
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp


def answer(received):
    """What comes back to a packet, and after how long; nothing to most."""
    header = (received[0] & 0x0F) * 4
    if received[0] >> 4 != 4 or received[9] != socket.IPPROTO_TCP or len(received) < header + 20:
        return None
    source, destination = received[12:16], received[16:20]
    tcp = received[header:]
    ours, theirs, sequence, acknowledged = struct.unpack("!HHII", tcp[:12])
    length = len(tcp) - (tcp[12] >> 4) * 4
    reply = lambda *fields: packet(destination, source, (theirs, ours), *fields)
    if tcp[13] & SYN:
        return ROUND_TRIP, reply(1000, sequence + 1, SYN | ACK)
    if length > 0 and socket.inet_ntoa(destination) == RESETS:
        return 0, reply(acknowledged, sequence + length, RST | ACK)
    return None


def main():
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", INTERFACE.encode(), IFF_TUN | IFF_NO_PI))
    for command in [f"ip address add 10.99.0.1/24 dev {INTERFACE}", f"ip link set {INTERFACE} up"]:
        subprocess.run(command.split(), check=True)
    waiting = []
    while True:
        wait = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        if select.select([tun], [], [], wait)[0]:
            answered = answer(os.read(tun, 65535))
            if answered:
                waiting.append((time.monotonic() + answered[0], answered[1]))
                waiting.sort()
        while waiting and waiting[0][0] <= time.monotonic():
            os.write(tun, waiting.pop(0)[1])


main()
