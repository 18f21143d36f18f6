"""
The built site fetches nothing from elsewhere, and shows no list, table or included file as running
text: `python -m tests.docs.site FOLDER`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
"""Elements that a browser fetches for, and the attribute that says from where; `link` below."""


SWALLOWED = re.compile(r"^(?:[-*] |\d+\. |\|.*\||--8<?)", re.MULTILINE)
"""Lines that Markdown leaves in a paragraph where no blank line stands before them."""


class Finder(HTMLParser):
    """
    Collects what a page would fetch from another host, or hand to a script that does; and what
    stands in a paragraph and should not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._paragraph = ""
        self._inside = False

    def handle_data(self, data: str) -> None:
        """Text of a paragraph."""
        if self._inside:
            self._paragraph += data

    def handle_endtag(self, tag: str) -> None:
        """A paragraph's end: was all of it meant as one?"""
        if tag == "p" and self._inside:
            self._inside = False
            found = SWALLOWED.search(self._paragraph)
            if found:
                self.found.append(f"in a paragraph: {self._paragraph[found.start() :][:60]!r}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        if tag == "p":
            self._inside, self._paragraph = True, ""
        given = {name: value or "" for name, value in attrs}
        place = given.get(FETCHED.get(tag, ""), "")
        if tag == "link" and given.get("rel") != "canonical":
            place = given.get("href", "")
        if place.startswith(("http:", "https:", "//")):
            self.found.append(f"<{tag}> {place}")
        if "mermaid" in given.get("class", "").split():
            self.found.append(
                "a mermaid diagram, which the theme draws with a script of another host"
            )


def faults(folder: Path) -> Iterator[str]:
    """What is wrong with each page of a site."""
    for page in sorted(folder.rglob("*.html")):
        finder = Finder()
        finder.feed(page.read_text(encoding="utf-8"))
        for found in finder.found:
            yield f"{page.relative_to(folder)}: {found}"


def main() -> int:
    """Exit status 1 if anything is wrong with a page, or if there is none."""
    folder = Path(sys.argv[1])
    found = [*faults(folder)]
    if not (folder / "index.html").is_file():
        found.append("no index.html")
    print("\n".join(found) or f"{folder}: nothing is fetched from elsewhere, nothing swallowed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
