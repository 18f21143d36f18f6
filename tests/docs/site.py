"""
The built site fetches nothing from elsewhere: `python -m tests.docs.site FOLDER`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
"""Elements that a browser fetches for, and the attribute that says from where; `link` below."""


class Finder(HTMLParser):
    """Collects what a page would fetch from another host, or hand to a script that does."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
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


def foreign(folder: Path) -> Iterator[str]:
    """What each page of a site fetches from other hosts."""
    for page in sorted(folder.rglob("*.html")):
        finder = Finder()
        finder.feed(page.read_text(encoding="utf-8"))
        for found in finder.found:
            yield f"{page.relative_to(folder)}: {found}"


def main() -> int:
    """Exit status 1 if a page fetches anything, or if there is no page."""
    folder = Path(sys.argv[1])
    found = [*foreign(folder)]
    if not (folder / "index.html").is_file():
        found.append("no index.html")
    print("\n".join(found) or f"{folder}: nothing is fetched from elsewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
