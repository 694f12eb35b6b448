"""Orphaned promises: which there are, what they cost, and the admin in which somebody answers for a successor."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from icbs.models import Area
from targets.admin.follow_ups import list_orphaned_promises
from targets.models import PromiseFollowUp
from targets.selectors.promises_left import find_orphaned_promises
from tests.factories.rows import (
    make_area,
    make_boundary_note,
    make_follow_up,
    make_hex,
    make_link,
    make_population,
    make_target,
    make_version,
)

pytestmark = pytest.mark.django_db

BEGAN, MERGED, TODAY = date(2022, 7, 1), date(2026, 4, 1), date(2026, 11, 21)
LIST = "admin:targets_promisefollowup_changelist"
ADD = "admin:targets_promisefollowup_add"


def close(name: str, *successors: Area, **changes) -> Area:
    body = make_area(short_name=name, opened=BEGAN, closed=MERGED, **changes)
    for successor in successors:
        make_link(kind="succeeded_by", from_area=body, to_area=successor, valid_from=MERGED)
    return body


def promise(body: Area, **changes):
    return make_version(target=make_target(body=body), **{"status": "published", **changes}).target


def name_rows(on: date = TODAY) -> list[tuple[str, str]]:
    return [(row.target.body.short_name, row.successor.short_name) for row in find_orphaned_promises(on)]


@pytest.fixture
def heirs() -> tuple[Area, Area]:
    return tuple(make_area(short_name=name, opened=MERGED) for name in ("North", "South"))


class TestOrphans:
    def test_one_row_a_target_and_successor_until_it_is_answered(self, heirs) -> None:
        old = close("Old", *heirs)
        first, _ = promise(old), promise(old)
        assert name_rows() == [("Old", "North")] * 2 + [("Old", "South")] * 2

        make_follow_up(target=first, successor=heirs[1])

        assert name_rows() == [("Old", "North")] * 2 + [("Old", "South")]

    def test_only_published_promises_of_closed_boards_wait(self, heirs) -> None:
        north, _ = heirs
        promise(close("Drafted", north), status="draft")
        promise(close("Childless"))
        giver = make_area(short_name="Giver", opened=BEGAN)
        make_link(kind="succeeded_by", from_area=giver, to_area=north, valid_from=MERGED)
        promise(giver)

        assert name_rows() == []

    def test_a_part_given_before_the_board_closed_passes_on_no_promise(self, heirs) -> None:
        north, south = heirs
        old = close("Old", north)
        make_link(kind="succeeded_by", from_area=old, to_area=south, valid_from=date(2023, 4, 1))
        promise(old)

        assert name_rows() == [("Old", "North")]

    def test_nothing_waits_before_the_board_closes(self, heirs) -> None:
        promise(close("Old", *heirs))

        assert name_rows(date(2026, 3, 31)) == []

    def test_it_costs_three_queries_for_any_number(self, heirs, django_assert_num_queries) -> None:
        for number in range(4):
            promise(close(f"Old {number}", *heirs))

        with django_assert_num_queries(3):
            assert len(name_rows()) == 8

    def test_fiction_waits_only_while_it_is_switched_on(self, heirs, settings) -> None:
        promise(close("Dream", heirs[0], demonstration=True))

        settings.DEMONSTRATION = False
        assert list_orphaned_promises() == []
        settings.DEMONSTRATION = True
        assert len(list_orphaned_promises()) == 1


def find_errors(response) -> str:
    assert response.status_code == 200
    return " ".join(str(error) for errors in response.context["errors"] for error in errors)


class TestAdmin:
    def send(self, client, target, successor: Area, **changes):
        sent = {
            "target": target.pk,
            "successor": successor.pk,
            "answer": "not_restated",
            "source_title": "Board papers",
            "known_from": "2026-07-01",
        }
        return client.post(reverse(ADD), {**sent, **changes})

    def test_each_orphan_links_to_a_form_that_holds_it_already(self, admin_client, heirs) -> None:
        target = promise(close("Old", heirs[0]))

        page = admin_client.get(reverse(LIST))
        link = f"{reverse(ADD)}?target={target.pk}&amp;successor={heirs[0].pk}"

        assert "Has North restated it?" in page.content.decode()
        assert link in page.content.decode()
        form = admin_client.get(link.replace("&amp;", "&")).context["adminform"].form
        assert (str(form["target"].value()), str(form["successor"].value())) == (
            str(target.pk),
            str(heirs[0].pk),
        )

    def test_an_answer_says_who_recorded_it_and_the_orphan_is_gone(
        self, admin_client, admin_user, heirs
    ) -> None:
        target, own = promise(close("Old", heirs[0])), promise(heirs[0])

        response = self.send(admin_client, target, heirs[0], answer="restated", restated_as=own.pk)

        assert response.status_code == 302, find_errors(response)
        held = PromiseFollowUp.objects.get()
        assert (held.recorded_by, held.restated_as) == (admin_user, own)
        assert "None: every published promise" in admin_client.get(reverse(LIST)).content.decode()

    def test_what_does_not_fit_is_refused_in_words(self, admin_client, heirs) -> None:
        north, south = heirs
        old = close("Old", north)
        target, others, draft = promise(old), promise(south), promise(north, status="draft")
        restated = {"answer": "restated"}
        refused = [
            (self.send(admin_client, promise(north), south), "North is in being: its promise is its own."),
            (self.send(admin_client, target, south), "South did not follow Old. Who did: North."),
            (
                self.send(admin_client, target, north, **restated, restated_as=others.pk),
                "That is a target of South. Choose one of North.",
            ),
            (
                self.send(admin_client, target, north, **restated, restated_as=draft.pk),
                "no published version yet",
            ),
            (self.send(admin_client, target, north, **restated), "Name the successor"),
            (self.send(admin_client, target, north, known_from="2999-01-01"), "lies in the future"),
        ]

        for response, words in refused:
            assert words in find_errors(response)
        assert not PromiseFollowUp.objects.exists()

    def test_who_may_only_look_is_offered_no_form(self, client, django_user_model, heirs) -> None:
        promise(close("Old", heirs[0]))
        reader = django_user_model.objects.create_user("reader", password="x", is_staff=True)
        reader.user_permissions.add(Permission.objects.get(codename="view_promisefollowup"))
        client.force_login(reader)

        page = client.get(reverse(LIST)).content.decode()

        assert "Your account may not enter the answer." in page
        assert client.get(reverse(ADD)).status_code == 403

    def test_the_list_costs_the_same_for_2_orphans_and_8(self, admin_client, heirs) -> None:
        def count() -> int:
            admin_client.get(reverse(LIST))
            with CaptureQueriesContext(connection) as queries:
                admin_client.get(reverse(LIST))
            return len(queries)

        promise(close("First", *heirs))
        few = count()
        for number in range(3):
            promise(close(f"More {number}", *heirs))

        assert count() == few


@pytest.mark.parametrize("model", ["population", "boundarynote", "hexcell"])
def test_registers_of_boards_are_in_the_admin(admin_client, model: str) -> None:
    area = make_area(short_name="North")
    make_population(area=area)
    make_boundary_note(area=area)
    make_hex(area=area)

    page = admin_client.get(reverse(f"admin:icbs_{model}_changelist"))

    assert "North" in page.content.decode()
