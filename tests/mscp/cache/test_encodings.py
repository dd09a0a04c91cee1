"""Which content coding a client gets, and that each can be undone."""

import pytest

from mscp.cache.encodings import BROTLI, GZIP, IDENTITY, decoded, encoded, negotiated


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", IDENTITY),
        ("gzip", GZIP),
        ("x-gzip", GZIP),
        ("br", BROTLI),
        ("gzip, deflate, br, zstd", BROTLI),
        ("gzip, deflate", GZIP),
        ("GZIP", GZIP),
        ("gzip;q=1.0, br;q=0.5", GZIP),
        ("br;q=0.5, gzip;q=0.5", BROTLI),
        ("gzip;q=0", IDENTITY),
        ("gzip;q=0, br;q=0", IDENTITY),
        ("gzip; q=0.001", GZIP),
        ("*", BROTLI),
        ("*;q=0.1", BROTLI),
        ("*;q=0", IDENTITY),
        ("br;q=0, *", GZIP),
        ("gzip, *;q=0", GZIP),
        ("identity", IDENTITY),
        ("identity;q=0", IDENTITY),
        ("identity, gzip;q=0.5", IDENTITY),
        ("identity;q=0.5, gzip", GZIP),
        ("identity;q=0.5, gzip;q=0.5", GZIP),
        ("deflate, zstd", IDENTITY),
        ("gzip;q=x", IDENTITY),
        ("gzip;q=2", IDENTITY),
        ("gzip;q=nan", IDENTITY),
        (",,;q=1, ,gzip", GZIP),
        ("gzip;level=9;q=0.5", GZIP),
        ("gzipped", IDENTITY),
    ],
)
def test_the_coding_of_the_highest_weight_is_used(accepted: str, coding: str) -> None:
    assert negotiated(accepted) == coding


@pytest.mark.parametrize("coding", [IDENTITY, GZIP, BROTLI])
def test_a_body_comes_back_as_it_was_and_is_always_written_alike(coding: str) -> None:
    body = b"A page of words. " * 500
    assert decoded(encoded(body, coding), coding) == body
    assert encoded(body, coding) == encoded(body, coding)
    assert (len(encoded(body, coding)) < len(body) / 10) == bool(coding)


@pytest.mark.parametrize("coding", [GZIP, BROTLI])
@pytest.mark.parametrize("body", [b"x", b"\x1f\x8b" + b"x" * 50])
def test_what_is_no_body_of_a_coding_is_refused(coding: str, body: bytes) -> None:
    with pytest.raises(ValueError, match="Not a body"):
        decoded(body, coding)
