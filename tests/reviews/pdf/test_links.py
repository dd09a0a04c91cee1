"""Private links: what is one, and what only looks like one."""

import pytest

from reviews.pdf.links import is_private

SAFELINK = "https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.gov.uk%2F"
PRIVATE = [
    # A computer, a share.
    "file:///C:/Users/jsampleperson/Notes.docx",
    "file://server/cases/Notes.docx",
    "\\\\server\\cases\\Notes.docx",
    "//server/cases/Notes.docx",
    "C:\\Users\\jsampleperson\\Notes.docx",
    "smb://server/cases",
    # A network.
    "http://intranet/cases",
    "http://cases.council.local/1",
    "https://wiki.corp/page",
    "http://10.20.30.40/cases",
    "http://192.168.1.5:8080/share/report.docx",
    "https://172.16.4.9/",
    "http://127.0.0.1/",
    "http://169.254.10.1/",
    "http://[fd12:3456:789a::1]/cases",
    "http://[fe80::1]/",
    "ftp://jsampleperson:secret@files.example.org/",
    # One person's part of a service.
    "https://council-my.sharepoint.com/personal/jane_samplename_council_gov_uk/Documents/draft.docx",
    "https://council-my.sharepoint.com/:w:/g/personal/jane_samplename/Eabc",
    "https://files.example.org/personal/jane_samplename/",
    "https://onedrive.live.com/?id=1",
    "https://1drv.ms/w/s!abc",
    "https://d.docs.live.net/abc/report.docx",
    "https://drive.google.com/drive/u/0/my-drive",
    "https://outlook.office365.com/owa/?ItemID=1",
    # Rewritten for who received it.
    f"{SAFELINK}&data=05%7C01%7Cjane.samplename%40council.gov.uk%7Cabc",
    f"{SAFELINK}&data=05|01|jane.samplename@council.gov.uk|abc",
    f"{SAFELINK}&data=05%257C01%257Cjane.samplename%2540council.gov.uk%257Cabc",
    "https://urldefense.com/v3/__https://example.org__;!!x?u=jane.samplename@council.gov.uk",
    # Letters to a person.
    "mailto:jane.samplename@council.gov.uk",
    "mailto:jane_samplename@council.gov.uk?subject=Child%20M",
    "MAILTO:J.Samplename@council.gov.uk",
    "mailto:jane.samplename2@nhs.net",
    "mailto:enquiries@council.gov.uk?cc=jane.samplename@council.gov.uk",
    "mailto:%20jane.samplename@council.gov.uk",
    "mailto:jane-samplename@council.gov.uk",
]
PUBLIC = [
    "https://www.gov.uk/government/publications/working-together",
    "http://www.example.org",
    "https://council.sharepoint.com/sites/public/report.pdf",
    "https://docs.google.com/document/d/abc/edit",
    "https://www.example.org/personal-safety/",
    "https://www.dropbox.com/s/abc/report.pdf",
    "http://8.8.8.8/",
    "http://[2001:4860:4860::8888]/",
    SAFELINK,
    "mailto:enquiries@ofsted.gov.uk",
    "mailto:mscp@merton.gov.uk",
    "mailto:merton.scp@merton.gov.uk",
    "mailto:children.services@council.gov.uk",
    "mailto:press.office@ofsted.gov.uk",
    "mailto:data-protection@council.gov.uk",
    "mailto:sample.lscp@council.gov.uk",
    "mailto:psi@nationalarchives.gov.uk",
    "tel:+442079460000",
    "page-7",
    "",
    "http://[broken",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_link_into_a_private_place_or_to_a_person_is_private(address: str) -> None:
    assert is_private(address)
    assert is_private(f" {address} ")


@pytest.mark.parametrize("address", PUBLIC)
def test_a_link_that_anybody_may_follow_is_public(address: str) -> None:
    assert not is_private(address)
