"""Columns that public tables share."""

from typing import Protocol

import django_tables2 as tables
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe


class Tag(Protocol):
    """What a tag shows: `colour` is an NHS tag modifier, the word and the sign carry the meaning."""

    @property
    def word(self) -> str: ...

    @property
    def sign(self) -> str: ...

    @property
    def colour(self) -> str: ...


def draw_tag(tag: Tag) -> SafeString:
    """A tag for a cell. (A TemplateColumn would not do: what Jinja renders comes back as text to escape.)"""
    return mark_safe(get_template("components/tag_cell.html").render({"tag": tag}).strip())


def draw_badge() -> SafeString:
    """The mark of a fictitious body, for a cell."""
    return mark_safe(get_template("components/badge_cell.html").render({}).strip())


class TagColumn(tables.Column):
    """A cell drawn as a tag; downloads carry its word. `default` is the word where there is none."""

    empty_values = ()  # so that downloads, too, get the default

    def render(self, value: Tag | None) -> str | SafeString:
        if value is None:
            return self.default
        return draw_tag(value)

    def value(self, value: Tag | None) -> str:
        return self.default if value is None else value.word
