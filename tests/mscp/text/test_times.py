"""Times of day as people write them."""

from datetime import time

import pytest

from mscp.text.times import read_times


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("9.30am - 1pm", time(9, 30), time(13)),
        ("09:30-13:00", time(9, 30), time(13)),
        ("0930 - 1300", time(9, 30), time(13)),
        ("9:30am to 1:00 p.m.", time(9, 30), time(13)),
        ("9.30 - 1pm", time(9, 30), time(13)),
        ("2 - 4pm", time(14), time(16)),
        ("12 - 2pm", time(12), time(14)),
        ("noon to 2pm", time(12), time(14)),
        ("from 10am", time(10), None),
        ("10:00:00", time(10), None),
        ("1330hrs", time(13, 30), None),
        ("9.30\u00a0am\u20121\u202fpm", time(9, 30), time(13)),
        ("\u200e09:30\u2212\u200e13:00", time(9, 30), time(13)),
        ("０９：３０", time(9, 30), None),
        ("9\u200b.30 a.m.", time(9, 30), None),
        ("12 noon", time(12), None),
        ("12 midday to 2 p. m.", time(12), time(14)),
        ("12-1", time(12), time(13)),
        ("9.30 - 1", time(9, 30), time(13)),
        ("between 10am and 12", time(10), time(12)),
        ("0930h", time(9, 30), None),
        ("9am start", time(9), None),
    ],
)
def test_times(text: str, start: time, end: time | None) -> None:
    times = read_times(text)
    assert (times.start, times.end, times.problem, times.doubt) == (start, end, "", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("25:00", "no such time"),
        ("9:75", "no such time"),
        ("all day", "no time that can be read"),
        ("13pm", "no such time"),
        ("0am", "no such time"),
    ],
)
def test_what_is_no_time_is_named(text: str, says: str) -> None:
    times = read_times(text)
    assert times.start is None and says in times.problem


def test_a_time_at_night_is_a_doubt() -> None:
    assert "begins at night" in read_times("2.00 - 4.00").doubt
