"""How many pages a second several readers get together."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from bench.client import Client


def requests_per_second(port: int, path: str, *, clients: int, seconds: float) -> float:
    start = monotonic()
    with ThreadPoolExecutor(clients) as pool:
        readers = [pool.submit(_read_until, port, path, start + seconds) for _ in range(clients)]
        number = sum(reader.result() for reader in readers)
    return number / (monotonic() - start)


def _read_until(port: int, path: str, deadline: float) -> int:
    number = 0
    with Client(port) as client:
        while monotonic() < deadline:
            client.get(path)
            number += 1
    return number
