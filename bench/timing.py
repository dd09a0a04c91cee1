"""How long one reader waits for a page."""

import math
from dataclasses import dataclass
from statistics import median

from bench.addresses import Address
from bench.client import UNCOMPRESSED, Answer, Client
from bench.errors import BenchError

WARM_UP = 20


@dataclass(frozen=True)
class Timing:
    name: str
    milliseconds: list[float]
    bytes: int
    compressed_bytes: int | None
    """None where the server sends the page as it is."""

    @property
    def median(self) -> float:
        return median(self.milliseconds)

    @property
    def p95(self) -> float:
        """Return the time within which 95 of 100 were answered (nearest rank)."""
        ordered = sorted(self.milliseconds)
        return ordered[math.ceil(0.95 * len(ordered)) - 1]


def measure(client: Client, address: Address, requests: int) -> Timing:
    plain = client.get(address.path, accepting=UNCOMPRESSED)
    _check(address, plain)
    for _ in range(WARM_UP):
        as_sent = client.get(address.path)
    return Timing(
        name=address.name,
        milliseconds=[1000 * client.get(address.path).seconds for _ in range(requests)],
        bytes=len(plain.body),
        compressed_bytes=len(as_sent.body) if as_sent.is_compressed else None,
    )


def _check(address: Address, answer: Answer) -> None:
    page = answer.body.decode()
    missing = [text for text in address.shows if text not in page]
    if missing:
        raise BenchError(f"{address.path} does not show {missing[0]!r}, so it is another page.")
