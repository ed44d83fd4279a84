"""A link that takes its time: a TCP proxy that delays both directions and counts the round trips."""
import collections
import socket
import threading
import time

TERMINATE = b"X\x00\x00\x00\x04"


def hang_up(end):
    """Ends a socket; whoever waits for it in another thread wakes up."""
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


class Line:
    """One direction: what comes in goes out `delay` seconds later, however much of it is under way.

    `arrived` gives each piece a depth, `delivered` is told it when the piece goes out.
    """

    def __init__(self, source, sink, delay, arrived, delivered):
        self.source, self.sink, self.delay = source, sink, delay
        self.arrived, self.delivered = arrived, delivered
        self.queue = collections.deque()
        self.filled = threading.Condition()
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._write)]
        for thread in self.threads:
            thread.start()

    def _put(self, data, depth):
        with self.filled:
            self.queue.append((time.monotonic() + self.delay, data, depth))
            self.filled.notify()

    def _read(self):
        try:
            while data := self.source.recv(1 << 16):
                self._put(data, self.arrived(data))
        except OSError:
            pass
        self._put(b"", 0)

    def _take(self):
        with self.filled:
            while not self.queue:
                self.filled.wait()
            return self.queue.popleft()

    def _write(self):
        try:
            while True:
                due, data, depth = self._take()
                if (rest := due - time.monotonic()) > 0:
                    time.sleep(rest)
                if not data:
                    self.sink.shutdown(socket.SHUT_WR)
                    return
                # Told before it is sent: the other side's answer can be here before sendall returns.
                self.delivered(depth)
                self.sink.sendall(data)
        except OSError:
            hang_up(self.source)


class Link:
    """One connection through the proxy.

    Its round trips are the longest chain of messages of the client of which each was sent after an answer to the one
    before. So what is sent while answers still come in to earlier messages counts once for all of it.
    """

    def __init__(self, client, server, delay):
        self.round_trips = 0
        self.told = self.heard = 0  # how deep in the chain is what the server, the client received last
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = [Line(client, server, delay, self._client_sent, self._server_received),
                      Line(server, client, delay, self._server_sent, self._client_received)]

    def wait(self):
        """Returns once both directions have ended."""
        for line in self.lines:
            for thread in line.threads:
                thread.join()

    def _client_sent(self, data):
        depth = self.heard + 1
        if data != TERMINATE:  # a farewell is not answered
            self.round_trips = max(self.round_trips, depth)
        return depth

    def _server_received(self, depth):
        self.told = depth

    def _server_sent(self, data):
        return self.told

    def _client_received(self, depth):
        self.heard = depth


class Proxy:
    """Listens on a free port of 127.0.0.1 until closed. `round_trip` is in seconds, half of it for each direction."""

    def __init__(self, server_port, round_trip):
        self.server_port, self.delay = server_port, round_trip / 2
        self.links = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            try:
                server = socket.create_connection(("127.0.0.1", self.server_port))
            except OSError:
                return
            with server:
                link = Link(client, server, self.delay)
                self.links.append(link)
                link.wait()

    def take_counts(self):
        """Connections and round trips, all of them together, since the last call."""
        links, self.links = self.links, []
        return len(links), sum(link.round_trips for link in links)

    def close(self):
        hang_up(self.listener)
        self.acceptor.join()
        self.listener.close()
