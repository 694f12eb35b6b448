"""The Jinja2 environment of the public pages."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import json_script
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader

from icbs.calc import wording as rollout_wording
from kit.calc import formats
from kit.calc.hexes import place_hexes
from targets.calc import wording


def make_url(name: str, **arguments: object) -> str:
    return reverse(name, kwargs=arguments)


def list_query(request: HttpRequest, *without: str) -> list[tuple[str, str]]:
    """The query parameters a form repeats as hidden fields: no export, and none of those in `without`."""
    return [
        (name, value)
        for name, values in request.GET.lists()
        if name not in without and not name.endswith("_export")
        for value in values
    ]


def change_query(request: HttpRequest, changes: Mapping[str, object]) -> str:
    """This page's address with `changes` in its query; None takes a parameter out."""
    kept = list_query(request, *changes)
    added = [(name, str(value)) for name, value in changes.items() if value is not None]
    return f"?{urlencode(kept + added)}"


def environment(**options) -> Environment:
    env = Environment(**{**options, "undefined": ChainableUndefined})
    env.trim_blocks = env.lstrip_blocks = True
    env.loader = ChoiceLoader([options["loader"], PackageLoader("nhsuk_frontend_jinja")])
    env.globals.update(
        static=static,
        url=make_url,
        list_query=list_query,
        change_query=change_query,
        place_hexes=place_hexes,
        demonstration=settings.DEMONSTRATION,
        tag_for=wording.tag_for,
        rollout_tag=rollout_wording.tag_for,
    )
    env.filters.update(
        json_script=json_script,
        pct=formats.format_pct,
        pp=formats.format_pp,
        day=formats.format_day,
        people=formats.format_people,
        join_words=formats.join_words,
    )
    return env
