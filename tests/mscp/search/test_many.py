"""Streams made by several processes are those that one makes, in the same order."""

from collections.abc import Iterator

import pytest

from mscp.search import many
from mscp.search.analysis import page_streams
from mscp.search.many import FILES_AT_ONCE, streams_of_files

FILES = [
    [f"Bruises of the children in file {number}", f"page two of {number}"] for number in range(95)
]


@pytest.mark.parametrize("processors", [1, 2, 3])
def test_each_file_gets_its_own_stream(monkeypatch: pytest.MonkeyPatch, processors: int) -> None:
    monkeypatch.setattr(many, "MANY_PAGES", 1)
    monkeypatch.setattr("os.cpu_count", lambda: processors)
    assert list(streams_of_files(FILES, 190)) == list(map(page_streams, FILES))


def test_no_more_texts_are_read_than_are_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "MANY_PAGES", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    read = []

    def files() -> Iterator[list[str]]:
        for number in range(200):
            read.append(number)
            yield [f"Text {number}"]

    streams = streams_of_files(files(), 200)
    next(streams)
    assert len(read) <= FILES_AT_ONCE * 5
    streams.close()


def test_few_pages_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(many, "ProcessPoolExecutor", refuse)
    assert list(streams_of_files(FILES, 190)) == list(map(page_streams, FILES))
