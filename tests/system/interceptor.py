"""A man in the middle: a TLS server with a certificate of its choice that passes everything on, and reads it."""

import asyncio
import ssl
import threading

from stack import ROOT  # noqa: F401, which makes the simulator's modules importable


class Interceptor:
    """On a port of its own. `target`: host and port of the real server, whose certificate it does not check.

    With `certificate`, an ssl.SSLContext, it ends the client's TLS; without, it passes bytes on and reads what is plain.
    """

    def __init__(self, target, certificate=None):
        self.target = target
        self.certificate = certificate
        self.connections = 0  # accepted, whether TLS came about or not
        self.read = b""  # from the client and the server, after TLS
        self.port = None
        self._loop = asyncio.new_event_loop()
        listening = threading.Event()
        threading.Thread(target=lambda: self._loop.run_until_complete(self._serve(listening)), daemon=True).start()
        listening.wait()

    async def _serve(self, listening):
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        listening.set()
        await server.serve_forever()

    async def _accept(self, reader, writer):
        self.connections += 1
        try:
            onward = None
            if self.certificate:
                await writer.start_tls(self.certificate)
                onward = ssl._create_unverified_context()
            there, back = await asyncio.open_connection(*self.target, ssl=onward)
            await asyncio.gather(self._copy(reader, back), self._copy(there, writer))
        except (OSError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _copy(self, reader, writer):
        try:
            while data := await reader.read(65536):
                self.read += data
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()
