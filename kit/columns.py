"""Columns that public tables share."""

from typing import Protocol

import django_tables2 as tables
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe


class Tag(Protocol):
    """What a tag shows: `colour` is an NHS tag modifier, the word and the sign carry the meaning."""

    word: str
    sign: str
    colour: str


class TagColumn(tables.Column):
    """A cell drawn as a tag; downloads carry its word. `default` is the word where there is none.

    (A TemplateColumn would not do: what the Jinja engine renders comes back as text to escape.)
    """

    empty_values = ()  # so that downloads, too, get the default

    def render(self, value: Tag | None) -> str | SafeString:
        if value is None:
            return self.default
        return mark_safe(get_template("components/tag_cell.html").render({"tag": value}))

    def value(self, value: Tag | None) -> str:
        return self.default if value is None else value.word
