"""Numbers as people write them: taken, put in one form, or refused in a sentence."""

import pytest

from mscp.text.phone_numbers import PhoneNumberError, read


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("020 7946 0010", "020 7946 0010"),
        ("02079460010", "02079460010"),
        (" 020  7946 0010 ", "020 7946 0010"),
        ("+44 20 7946 0010", "020 7946 0010"),
        ("+44 (0)20 7946 0010", "020 7946 0010"),
        ("0044 20 7946 0010", "020 7946 0010"),
        ("(020) 7946-0010", "020 7946 0010"),
        ("(01632) 960 001", "01632 960001"),
        ("+44 7700 900123", "07700 900123"),
        ("0300\u00a0123\u20114567", "0300 123 4567"),
        ("016977 2345", "016977 2345"),
        ("0800 123 456", "0800 123 456"),
        ("0808 800 5000", "0808 800 5000"),
        ("0800 1111", "0800 1111"),
        ("999", "999"),
        ("101", "101"),
        ("111", "111"),
        ("116 123", "116 123"),
        ("85258", "85258"),
        ("٠٢٠ ٧٩٤٦ ٠٠١٠", "020 7946 0010"),
        ("０２０－７９４６　００１０", "020 7946 0010"),
        ("\u202a020\u22127946\u202f0010\u202c", "020 7946 0010"),
    ],
)
def test_what_is_read(typed: str, shown: str) -> None:
    assert read(typed) == shown
    # Read again it stays the same, and it fits where numbers are kept.
    assert read(shown) == shown and len(shown) <= 20


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("020 8545 42", "9 digits"),
        ("020 8545 42266", "12 digits"),
        ("8545 4226", "begin with 0"),
        ("1", "one digit"),
        ("1234", "4 digits"),
        ("998", "begin with 0"),
        ("0400 123 4567", "begins with 040"),
        ("021 7946 0010", "begins with 021"),
        ("+353 1 234 5678", "abroad"),
        ("0033 1 23 45 67 89", "abroad"),
        ("ask Jo", "in digits"),
        ("", "in digits"),
        ("020 7946 0010 ext 4", "in digits"),
        ("²2² 7946 0010", "in digits"),
    ],
)
def test_what_is_refused(typed: str, said: str) -> None:
    with pytest.raises(PhoneNumberError, match=said):
        read(typed)
