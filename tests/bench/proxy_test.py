"""The proxy of tools/bench: what it delays, what it does not, and what it counts."""
import pathlib
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/benchmark"))

from proxy import TERMINATE, Proxy  # noqa: E402


class Echo:
    """A server that sends back what it gets, until it is closed."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._echo, args=(connection,), daemon=True).start()

    @staticmethod
    def _echo(connection):
        with connection:
            while data := connection.recv(1 << 16):
                connection.sendall(data)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()


def receive(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


class ProxyTest(unittest.TestCase):
    def connect(self, round_trip):
        echo = Echo()
        self.addCleanup(echo.close)
        self.proxy = Proxy(echo.port, round_trip)
        self.addCleanup(self.proxy.close)
        connection = socket.create_connection(("127.0.0.1", self.proxy.port), timeout=60)
        self.addCleanup(connection.close)
        return connection

    def test_each_question_and_answer_takes_the_round_trip(self):
        connection = self.connect(0.05)
        for _ in range(3):
            begin = time.monotonic()
            connection.sendall(b"question")
            self.assertEqual(receive(connection, 8), b"question")
            self.assertGreaterEqual(time.monotonic() - begin, 0.05)
        self.assertEqual(self.proxy.take_counts(), (1, 3))

    def test_what_is_under_way_together_is_delayed_once(self):
        connection = self.connect(0.2)
        sent = bytes(range(256)) * 4096
        begin = time.monotonic()
        writer = threading.Thread(target=connection.sendall, args=(sent,))
        writer.start()
        self.assertEqual(receive(connection, len(sent)), sent)
        writer.join()
        # A pause for each of its 16 or more pieces would be more than 3 s.
        self.assertLess(time.monotonic() - begin, 3)

    def test_messages_sent_without_waiting_are_one_round_trip(self):
        connection = self.connect(0.1)
        for _ in range(10):
            connection.sendall(b"message;")
        self.assertEqual(receive(connection, 80), b"message;" * 10)
        self.assertEqual(self.proxy.take_counts(), (1, 1))

    def test_messages_sent_while_answers_come_in_count_once(self):
        connection = self.connect(0.5)
        connection.sendall(b"1")
        connection.sendall(b"2")
        for message in (b"3", b"4"):  # neither waits for an answer to the other
            receive(connection, 1)
            connection.sendall(message)
        self.assertEqual(receive(connection, 2), b"34")
        self.assertEqual(self.proxy.take_counts(), (1, 2))

    def test_a_farewell_is_no_round_trip(self):
        connection = self.connect(0)
        connection.sendall(b"question")
        receive(connection, 8)
        connection.sendall(TERMINATE)
        receive(connection, len(TERMINATE))
        self.assertEqual(self.proxy.take_counts(), (1, 1))

    def test_counts_begin_anew_once_they_are_taken(self):
        connection = self.connect(0)
        connection.sendall(b"question")
        receive(connection, 8)
        self.proxy.take_counts()
        self.assertEqual(self.proxy.take_counts(), (0, 0))

    def test_the_end_of_one_direction_is_passed_on(self):
        connection = self.connect(0.01)
        connection.sendall(b"last")
        connection.shutdown(socket.SHUT_WR)
        self.assertEqual(receive(connection, 4), b"last")
        self.assertEqual(connection.recv(1), b"")


if __name__ == "__main__":
    unittest.main(verbosity=2)
