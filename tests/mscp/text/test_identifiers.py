"""Identifiers in the forms of the United Kingdom, and what looks like one and is none."""

import pytest

from mscp.text.identifiers import IdentifierKind, identifiers_in, quote

NHS = IdentifierKind.NHS_NUMBER
NI = IdentifierKind.NATIONAL_INSURANCE
UPN = IdentifierKind.PUPIL_NUMBER
CASE = IdentifierKind.CASE_NUMBER
BORN = IdentifierKind.DATE_OF_BIRTH
POSTCODE = IdentifierKind.POSTCODE
PHONE = IdentifierKind.TELEPHONE
EMAIL = IdentifierKind.EMAIL


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("NHS number 943 476 5919.", NHS, "9434765919"),
        ("(NHS: 9434765919)", NHS, "9434765919"),
        ("known as 943-476-5919", NHS, "9434765919"),
        ("943\u00a0476\u00a05919", NHS, "9434765919"),
        ("No.\n450 557 7104\n", NHS, "4505577104"),
        ("CHI 0101701012", NHS, "0101701012"),
        ("NI AB 12 34 56 C", NI, "AB123456C"),
        ("AB123456C", NI, "AB123456C"),
        ("JG 103759 A", NI, "JG103759A"),
        ("(AB 123456 D)", NI, "AB123456D"),
        ("number:CE123456A;", NI, "CE123456A"),
        ("ZY 98 76 54 B", NI, "ZY987654B"),
        ("UPN H801200001001", UPN, "H801200001001"),
        ("Liquidlogic ID 1234567", CASE, "1234567"),
        ("Liquid Logic number: 345678", CASE, "345678"),
        ("Mosaic no. 99887", CASE, "99887"),
        ("Ref. LCS-123456 was closed", CASE, "123456"),
        ("known as LCS123456", CASE, "123456"),
        ("on Mosaic: 1234567", CASE, "1234567"),
        ("Liquidlogic 987654", CASE, "987654"),
        ("in ICS 2023456", CASE, "2023456"),
        ("RiO 1122334", CASE, "1122334"),
        ("PNC/12345678A", CASE, "12345678A"),
        ("ICS ref 445566", CASE, "445566"),
        ("Case number ZW23C50123", CASE, "ZW23C50123"),
        ("heard as ZW23C50123 in May", CASE, "ZW23C50123"),
        ("case no. 2019/123", CASE, "2019123"),
        ("the indictment T20217001", CASE, "T20217001"),
        ("KB-2023-001234", CASE, "KB2023001234"),
        ("crime reference number 3412345/21", CASE, "341234521"),
        ("CR/12345/21", CASE, "CR1234521"),
        ("URN 01VX0123421", CASE, "01VX0123421"),
        ("client ID: P-00123", CASE, "P00123"),
        ("DOB: 12/03/2011", BORN, "2011-03-12"),
        ("d.o.b. 12.3.11", BORN, "2011-03-12"),
        ("born on 12 March 2011", BORN, "2011-03-12"),
        ("was born on the 12th of March 2011", BORN, "2011-03-12"),
        ("Date of Birth\n12th March, 2011", BORN, "2011-03-12"),
        ("Robin (b. 12.03.2011)", BORN, "2011-03-12"),
        ("12/03/2011 (DOB)", BORN, "2011-03-12"),
        ("birthday is March 12, 2011", BORN, "2011-03-12"),
        ("at SM4 5DX.", POSTCODE, "SM45DX"),
        ("Morden, sm4 5dx", POSTCODE, "SM45DX"),
        ("London SW1A2AA", POSTCODE, "SW1A2AA"),
        ("EC4A 3BZ", POSTCODE, "EC4A3BZ"),
        ("M1\n2WD", POSTCODE, "M12WD"),
        ("Postcode: CR44BE", POSTCODE, "CR44BE"),
        ("call 020 7946 0010", PHONE, "02079460010"),
        ("(020) 7946 0010", PHONE, "02079460010"),
        ("+44 (0)20 7946 0010", PHONE, "02079460010"),
        ("0044 7700 900 123", PHONE, "07700900123"),
        ("07700-900-123", PHONE, "07700900123"),
        ("07700.900.123", PHONE, "07700900123"),
        ("mobile:07700900123,", PHONE, "07700900123"),
        ("+353 1 679 9000", PHONE, "+35316799000"),
        ("Jane.Doe@merton.gov.uk", EMAIL, "jane.doe@merton.gov.uk"),
        ("<jane@merton.gov.uk>", EMAIL, "jane@merton.gov.uk"),
        ("mailto:o'neill+cp@nhs.net", EMAIL, "o'neill+cp@nhs.net"),
        ("jane (at) merton.gov.uk", EMAIL, "jane@merton.gov.uk"),
        ("jane[at]merton.gov.uk", EMAIL, "jane@merton.gov.uk"),
        ("write to j_doe@nhs.net.", EMAIL, "j_doe@nhs.net"),
    ],
)
def test_an_identifier_is_found_under_one_value_however_it_is_written(
    text: str, kind: IdentifierKind, value: str
) -> None:
    (found,) = identifiers_in(text)
    assert (found.kind, found.value) == (kind, value)


@pytest.mark.parametrize(
    "text",
    [
        # Ten digits of another kind, or with a wrong check digit.
        "943 476 5918",
        "1111111111",
        "ISBN 0-306-40615-2",
        "ISBN 0306406152",
        "a budget of £4,505,577,104",
        "12345 943 476 59190",
        "doi 10.1000/9434765919",
        # Prefixes that are never given out.
        "QQ 12 34 56 C",
        "BG123456A",
        "GB 12 34 56 A",
        "AB 12 34 56 E",
        "XAB123456C",
        "AB1234567C",
        # A check letter of another number.
        "A801200001001",
        # Numbers without a word that makes them those of a case.
        "section 47 case no 2",
        "in case number one",
        "[2023] EWFC 12",
        "case number 2019",
        "The case of 12 March 2019",
        "in case 12345 people came",
        "Reference 12",
        "Table 3: 12345 and 23456",
        # Dates of something else.
        "born in Leeds. On 3 May 2019 he moved",
        "a blood-borne virus. On 7 March 1983",
        "born between 6 April 1950 and 5 April 1960",
        "for people born after 5 April 1960",
        "born in 2011",
        "He was born. The review began on 3 May 2019",
        "birth rates fell, 3 May 2019 being the last day of the count",
        # Letters and digits that are no place.
        "Class 2B 1st",
        "A4 4PM",
        "from E1 1st",
        "QX1 2AB",
        "Annex B12 3",
        "http://example.org/SM4 5DX",
        "AB12",
        # Numbers that nobody has as their own, and numbers that are none.
        "call 999, 101 or 0800 1111",
        "0300 123 4567",
        "0808 800 5000",
        "01 02 2011 and 2011 2012",
        "0.12345678901",
        "01234567890123456",
        "5,123,456,789",
        "£020 7946 0010",
        "Figure 0123",
        # Signs that are no address.
        "@merton on X",
        "5 @ £3.20",
        "jane@localhost",
        "look (at) this",
        "a@b",
        "me @ home.uk",
    ],
)
def test_what_only_looks_like_an_identifier_is_none(text: str) -> None:
    assert identifiers_in(text) == []


def test_two_numbers_in_one_line_are_two() -> None:
    found = identifiers_in("0207 946 0010 0161 618 8524")
    assert [one.value for one in found] == ["02079460010", "01616188524"]


def test_a_number_within_an_address_is_counted_once() -> None:
    found = identifiers_in("07700900123@example.org")
    assert [one.kind for one in found] == [EMAIL]


def test_an_identifier_is_quoted_with_the_words_beside_it() -> None:
    text = f"{'Before all that, ' * 5}she could be reached on\n07700 900123 {'or so ' * 20}"
    before, written, after = quote(text, identifiers_in(text)[0])
    assert before == "…all that, she could be reached on "
    assert written == "07700 900123"
    assert after.startswith(" or so") and after.endswith("…")
    assert len(after) < 50
