"""A small reverse proxy with TLS for the loopback address: `make production-local` and its tests (never on a network).

It does what docs/deploy/Caddyfile does in an installation: ends TLS, sends ``/ws/`` to the socket process and the rest
to the web process, keeps monitoring addresses inside, and writes the forwarding headers itself, whatever the browser
sent. One request a connection; only sockets stay open.

    python -m direkt1177.embedded.tls_proxy --tls 8443 --plain 8080 --web 9001 --sockets 9002 --cert c.pem --key k.pem
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HEAD_BYTES = 32 * 1024
HEAD_SECONDS = 15
_INSIDE = ("/live", "/ready", "/metrics")
_OURS = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "forwarded", "x-real-ip"}


class HeadError(ValueError):
    """What came is no request that this proxy passes on."""


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that signs itself, valid for a year; kept until it has a week left.

    Args:
        folder: where ``cert.pem`` and ``key.pem`` lie.

    Returns:
        Both paths.
    """
    cert, key = folder / "cert.pem", folder / "key.pem"
    now = datetime.datetime.now(datetime.UTC)
    if cert.exists() and key.exists():
        old = x509.load_pem_x509_certificate(cert.read_bytes())
        if old.not_valid_after_utc > now + datetime.timedelta(days=7):
            return cert, key
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    key.touch(mode=0o600)
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return cert, key


def rewrite_head(head: bytes, *, scheme: str, peer: str) -> tuple[str, bytes, int]:
    """Read a request's head and write what the process behind shall see.

    Args:
        head: up to and with the empty line.
        scheme: how the browser came to us, ``https`` or ``http``.
        peer: its address.

    Returns:
        Path, new head, and how many bytes of body follow (-1: until the connection ends, for sockets).

    Raises:
        HeadError: no plain HTTP/1.1 request, or a body of unknown length.
    """
    try:
        first, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        _method, target, version = first.split(" ")
        pairs = [(name.strip().lower(), value.strip()) for name, value in (line.split(":", 1) for line in rest)]
    except ValueError as error:
        raise HeadError("unreadable") from error
    names = [name for name, _ in pairs]
    if not version.startswith("HTTP/1.") or not target.startswith("/") or "transfer-encoding" in names:
        raise HeadError("not supported")
    lengths = [value for name, value in pairs if name == "content-length"]
    if len(lengths) > 1 or not all(value.isdigit() for value in lengths):
        raise HeadError("length")
    upgrade = any(name == "upgrade" and value.lower() == "websocket" for name, value in pairs)
    kept = [(name, value) for name, value in pairs if name not in _OURS and (upgrade or name != "connection")]
    kept += [("x-forwarded-proto", scheme), ("x-forwarded-for", peer)]
    if not upgrade:
        kept.append(("connection", "close"))
    lines = [first, *(f"{name}: {value}" for name, value in kept)]
    path = target.split("?", 1)[0]
    return path, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), -1 if upgrade else int((lengths or ["0"])[0])


class Proxy:
    """Passes connections on to the two processes.

    Args:
        web, sockets: their ports on the loopback address.
    """

    def __init__(self, *, web: int, sockets: int) -> None:
        self.web = web
        self.sockets = sockets

    async def handle(self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one request or one socket."""
        with contextlib.suppress(OSError, ssl.SSLError, TimeoutError, asyncio.IncompleteReadError):
            try:
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
                path, head, body = rewrite_head(head, scheme=scheme, peer=writer.get_extra_info("peername")[0])
                if path in _INSIDE:
                    await _say(writer, "404 Not Found")
                else:
                    await self._pass_on(path, head, body, reader, writer)
            except (HeadError, asyncio.LimitOverrunError):
                await _say(writer, "400 Bad Request")
        writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await writer.wait_closed()

    async def _pass_on(
        self, path: str, head: bytes, body: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        port = self.sockets if path.startswith("/ws/") else self.web
        try:
            from_app, to_app = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await _say(writer, "502 Bad Gateway")
            return
        to_app.write(head)
        up = asyncio.ensure_future(_copy(reader, to_app, body))
        down = asyncio.ensure_future(_copy(from_app, writer, -1))
        try:
            # A request ends with its answer; a socket when either side goes.
            await asyncio.wait([down] if body >= 0 else [up, down], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            to_app.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, count: int) -> None:
    while count:
        data = await source.read(min(65536, count) if count > 0 else 65536)
        if not data:
            return
        count -= len(data) if count > 0 else 0
        target.write(data)
        await target.drain()


async def _say(writer: asyncio.StreamWriter, status: str) -> None:
    writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()


async def serve(*, tls: int, plain: int, proxy: Proxy, cert: Path, key: Path) -> None:
    """Listen on both ports until cancelled."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)

    async def secure(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await proxy.handle("https", reader, writer)

    async def insecure(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await proxy.handle("http", reader, writer)

    first = await asyncio.start_server(secure, "127.0.0.1", tls, ssl=context, limit=HEAD_BYTES)
    second = await asyncio.start_server(insecure, "127.0.0.1", plain, limit=HEAD_BYTES)
    async with first, second:
        await asyncio.gather(first.serve_forever(), second.serve_forever())


def main() -> None:
    """Read the ports and serve."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    for name in ("tls", "plain", "web", "sockets"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("cert", "key"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args()
    proxy = Proxy(web=given.web, sockets=given.sockets)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(tls=given.tls, plain=given.plain, proxy=proxy, cert=given.cert, key=given.key))


if __name__ == "__main__":
    main()
