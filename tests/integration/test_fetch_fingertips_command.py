"""The command and the scheduled task that fetch figures: what they say and how they end."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from django.core.management import CommandError, call_command

from targets.models import Release
from targets.tasks import fetch_fingertips as task
from tests.factories.fingertips_server import FingertipsServer, answer, make_csv, make_row, serve_fingertips
from tests.integration.fetching import GOOD, make_smokers

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Said:
    out: str
    err: str
    code: int


@pytest.fixture
def serve() -> Iterator[Callable[..., FingertipsServer]]:
    with ExitStack() as stack:
        yield lambda *answers: stack.enter_context(serve_fingertips(*answers))


@pytest.fixture
def call(settings) -> Callable[..., Said]:
    def call_with(server: FingertipsServer, *arguments: str) -> Said:
        settings.FINGERTIPS_URL = server.url
        out, err, code = io.StringIO(), io.StringIO(), 0
        try:
            call_command("fetch_fingertips", *arguments, stdout=out, stderr=err)
        except CommandError as error:
            code = error.returncode
            err.write(str(error))
        return Said(out.getvalue(), err.getvalue(), code)

    return call_with


def test_the_command_says_what_came_of_each_file(serve, call):
    make_smokers()

    said = call(serve(answer(GOOD)), "smokers")

    assert said == Said(
        "smokers, area type 221: imported. 2 new\n", "Asking for smokers: 1 kinds of area.\n", 0
    )


def test_the_command_prints_one_document_and_ends_with_1_where_something_was_refused(serve, call):
    make_smokers(fingertips_area_types="15:15 221:15")

    said = call(serve(answer(b"No", 400), answer(GOOD)), "--format", "json")

    assert said.code == 1
    assert "1 of 2 files were refused" in said.err
    first, second = json.loads(said.out)
    assert (first["status"], first["reason"], first["counts"]) == (
        "refused",
        "Fingertips answered 400: No.",
        None,
    )
    assert second["counts"]["new"] == 2
    assert second["counts"]["release"] == Release.objects.get().pk
    assert (second["indicator"], second["fingertips_id"], second["child_area_type"]) == (
        "smokers",
        92443,
        221,
    )


def test_the_command_ends_with_2_for_an_unknown_indicator(serve, call):
    make_smokers()
    server = serve(answer(GOOD))

    said = call(server, "smoke")

    assert (said.code, said.out, server.asked) == (2, "", [])
    assert "holds no indicator 'smoke'" in said.err


def test_the_command_says_when_there_is_nothing_to_ask(serve, call):
    assert (
        call(serve(answer(GOOD))).out
        == "No indicator that is still published has a Fingertips ID and area types.\n"
    )


def test_the_task_takes_in_and_does_not_fail_where_fingertips_does(serve, settings):
    make_smokers()
    server = serve(answer(b"No", 400), answer(make_csv(make_row("E54000001", "14.1", year=2020))))
    settings.FINGERTIPS_URL = server.url

    task.delay()
    assert Release.objects.count() == 0
    task.delay()
    assert Release.objects.count() == 1
