"""One spelling for the groups of people, areas and notes that publishers write in several ways."""

import re
from html import unescape
from html.parser import HTMLParser

SEXES = ("Persons", "Male", "Female", "Not applicable")

_SEXES = {name.casefold(): name for name in SEXES} | {"person": "Persons", "all persons": "Persons"}
_AGES = {name.casefold(): name for name in ("All ages", "Not applicable")}
_AGE = re.compile(r"(\d{1,3}(?: ?\+| ?- ?\d{1,3})?)(?: ?(?:yrs?|years?))", re.ASCII | re.IGNORECASE)
_CODE = re.compile(r"n(E\d{8})", re.ASCII)
_TAG = re.compile(r"<[^<>]*>")
_SILENT = frozenset({"script", "style"})


def canonical_age(text: str) -> str:
    """Ages without their unit; a text of another form is only stripped.

    >>> canonical_age("18+ yrs"), canonical_age("18-64 yrs"), canonical_age("15 yrs"), canonical_age("")
    ('18+', '18-64', '15', '')
    """
    words = " ".join(text.split())
    match = _AGE.fullmatch(words)
    if match:
        return match[1].replace(" ", "")
    return _AGES.get(words.casefold(), words)


def canonical_age_from_bounds(first: int | None, last: int | None) -> str:
    """Ages in whole years, both included; None is an open end.

    Raises:
        ValueError: an age below 0, or a last age below the first.

    >>> canonical_age_from_bounds(18, None), canonical_age_from_bounds(None, None)
    ('18+', 'All ages')
    >>> canonical_age_from_bounds(15, 15), canonical_age_from_bounds(None, 40)
    ('15', '0-40')
    """
    if first is None and last is None:
        return "All ages"
    least = first or 0
    if least < 0 or (last is not None and last < least):
        raise ValueError(f"Ages from {least} to {last} are no group of people: correct one of them.")
    if last is None:
        return f"{least}+"
    return str(least) if last == least else f"{least}-{last}"


def canonical_sex(text: str) -> str:
    """
    Raises:
        ValueError: a text that is none of the four.

    >>> canonical_sex("persons"), canonical_sex("Not applicable")
    ('Persons', 'Not applicable')
    """
    name = _SEXES.get(" ".join(text.split()).casefold())
    if name is None:
        raise ValueError(f"The sex {text[:40]!r} is not known: write {', '.join(SEXES[:-1])} or {SEXES[-1]}.")
    return name


def canonical_code(text: str) -> str:
    """An area's code, without the `n` that some exports of 2024 put before it.

    >>> canonical_code(" nE54000039"), canonical_code("QRL")
    ('E54000039', 'QRL')
    """
    code = text.strip()
    match = _CODE.fullmatch(code)
    return match[1] if match else code


def plain_text(html: str) -> str:
    """The words of a note without its tags, entities and line breaks. Not safe to print unescaped.

    >>> plain_text('<span class="note">* Value &lt; 5,<br> suppressed</span>')
    '* Value < 5, suppressed'
    """
    if "<" in html or "&" in html:
        html = _strip_tags(html)
    return " ".join(html.split())


def _strip_tags(html: str) -> str:
    collector = _Words()
    try:
        collector.feed(html)
        collector.close()
    except AssertionError:  # how html.parser answers a broken declaration
        return unescape(_TAG.sub(" ", html))
    return "".join(collector.words)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in _SILENT
        self.words.append(" " if tag in ("br", "p", "li", "div") else "")

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - (tag in _SILENT))

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)
