"""A gateway in another process, started from its one file as on a board, and a raw connection to it."""

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from threading import Timer

from coldlink.instruments.gateway import server
from coldlink.instruments.gateway.session import Door

HERE = Path(__file__).parent
TESTS = HERE.parents[1]
TOKEN = "a token that both sides know"
PATIENCE = 60.0
"""After which a gateway that does not say what a test waits for is ended (s)."""


class Served:
    """board: Name of a factory in boards.py."""

    def __init__(self, folder: Path, board: str, *options: str, port: int = 0, token: str = TOKEN):
        self.token = token.encode()
        file = folder / "token.txt"
        file.write_text(token + "\n")
        shutil.copy(server.__file__, folder / "server.py")
        paths = os.pathsep.join([str(HERE), str(TESTS)])
        command = [sys.executable, "-u", str(folder / "server.py"), "--token-file", str(file), "--port", str(port)]
        self.process = subprocess.Popen(
            [*command, "--soc", f"boards:{board}", *options],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": paths},
        )
        self.port = int(self.says("listening at 127.0.0.1 port ([0-9]+)")[1])

    @property
    def address(self) -> str:
        return f"gateway://127.0.0.1:{self.port}"

    def door(self, **changes) -> Door:
        return Door("board", self.address, **{"token": self.token, "silence": 30.0, **changes})

    def says(self, pattern: str) -> re.Match[str]:
        """The next line of its log that holds `pattern`."""
        watch = Timer(PATIENCE, self.process.kill)
        watch.start()
        lines = []
        try:
            for line in self.process.stderr:
                lines.append(line)
                if found := re.search(pattern, line):
                    return found
        finally:
            watch.cancel()
        raise AssertionError(f"{pattern!r} was never said:\n{''.join(lines)}")

    def end(self) -> int:
        self.process.terminate()
        code = self.process.wait(PATIENCE)
        self.process.stderr.close()
        return code

    def knock(self, token: bytes | None = None, version: int = server.VERSION) -> tuple[socket.socket, bytes, bytes]:
        """A raw connection, what the client said on it, and the verdict."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        _, _, theirs = server.GREETING.unpack(server.exactly(sock, server.GREETING.size))
        ours = secrets.token_bytes(32)
        proof = server.prove(self.token if token is None else token, b"client", theirs, ours)
        answer = server.ANSWER.pack(server.MAGIC, version, ours, proof)
        sock.sendall(answer)
        return sock, answer, bytes(server.exactly(sock, server.VERDICT.size))

    def play(self, who: str = "raw") -> socket.socket:
        """A raw connection that has the board."""
        sock, _, _ = self.knock()
        sock.sendall(server.pack({"kind": "hello", "who": who, "client": who, "intent": "play"}))
        assert server.receive(sock)["kind"] == "welcome"
        return sock
