"""Cost of the first visit to a page: the page and every file of ours that it loads."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from bench.client import UNCOMPRESSED, Client

LINKED_IN_CSS = re.compile(r"""url\(\s*["']?(?!data:|#)([^"')]+)""")


@dataclass
class Parts:
    """Bytes as sent, by type of content, each file once."""

    html: int = 0
    css: int = 0
    js: int = 0
    images: int = 0

    @property
    def total(self) -> int:
        return self.html + self.css + self.js + self.images


@dataclass
class _Links(HTMLParser):
    css: set[str] = field(default_factory=set)
    js: set[str] = field(default_factory=set)
    images: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        relation = given.get("rel", "").split()
        if tag == "link" and "stylesheet" in relation:
            self.css.add(given["href"])
        elif tag == "link" and "icon" in relation:
            self.images.add(given["href"])
        elif tag == "script" and "src" in given:
            self.js.add(given["src"])
        elif tag == "img":
            self.images.add(given["src"])


def size(client: Client, path: str) -> Parts:
    links = _Links()
    links.feed(client.get(path, accepting=UNCOMPRESSED).body.decode())
    for sheet in links.css:
        text = client.get(sheet, accepting=UNCOMPRESSED).body.decode()
        links.images |= {urljoin(sheet, link) for link in LINKED_IN_CSS.findall(text)}
    return Parts(
        html=_sent(client, {path}),
        css=_sent(client, links.css),
        js=_sent(client, links.js),
        images=_sent(client, links.images),
    )


def _sent(client: Client, paths: set[str]) -> int:
    return sum(len(client.get(path).body) for path in paths)
