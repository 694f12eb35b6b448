"""Registers that go out as a table and come back: looked at first, all rows or none, refusals by line."""

import csv
import io
from datetime import date

import openpyxl
import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from icbs.models import Area, AreaLink, Contact
from targets.models import Target, TargetVersion
from tests.factories import rows
from tests.factories.figure_files import write_csv
from tests.factories.reference import read_all_rows
from tests.integration.test_admin_lists import INLINE

pytestmark = pytest.mark.django_db

CSV, XLSX = "0", "1"
TRUST = {
    "code": "RX1",
    "name": "North Hospitals NHS Trust",
    "short_name": "North Hospitals",
    "opened": "2015-04-01",
}
DRAFT = {
    "target": "north-2030",
    "body": "QX1",
    "title": "5% by 2030",
    "number": "1",
    "status": "draft",
    "wording": "Down to 5% by 2030.",
    "stated_on": "2023-03-31",
    "form": "level",
    "indicator": "smokers",
    "indicator_words": "Adults who smoke",
    "comparator": "le",
    "value_pct": "5",
    "deadline": "2030-12-31",
    "deadline_precision": "calendar_year",
    "source_title": "The plan",
    "known_from": "2023-03-31",
}


def as_csv(*entries: dict) -> bytes:
    names = list(entries[0])
    return write_csv([names, *([entry.get(name, "") for name in names] for entry in entries)]).encode()


def as_xlsx(*entries: dict) -> bytes:
    book = openpyxl.Workbook()
    for cells in [list(entries[0]), *map(list, (entry.values() for entry in entries))]:
        book.active.append(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def look(client, model: str, content: bytes, *, format: str = CSV):  # noqa: A002
    """The page that says what a file would do."""
    name = "register.csv" if format == CSV else "register.xlsx"
    sent = {"import_file": SimpleUploadedFile(name, content), "format": format, "resource": "0"}
    response = client.post(reverse(f"admin:{model}_import"), sent)
    assert response.status_code == 200
    assert not INLINE.search(response.content.decode())
    return response


def confirm(client, model: str, response):
    waiting = response.context["confirm_form"].initial
    return client.post(reverse(f"admin:{model}_process_import"), waiting, follow=True)


def bring_in(client, model: str, content: bytes, **options):
    return confirm(client, model, look(client, model, content, **options))


def refusals(response) -> list[tuple[int, str]]:
    result = response.context["result"]
    found = [(row.number, str(error.error)) for row in result.error_rows for error in row.errors]
    for row in result.invalid_rows:
        found += [(row.number, words) for errors in row.error_dict.values() for words in errors]
    return found


def base_errors(response) -> list[str]:
    return [str(error.error) for error in response.context["result"].base_errors]


def send_out(client, model: str, *, format: str = CSV, query: str = "") -> bytes:  # noqa: A002
    url = f"{reverse(f'admin:{model}_export')}?{query}"
    page = client.get(url)
    assert not INLINE.search(page.content.decode())
    response = client.post(url, {"format": format, "resource": "0"})
    assert "attachment" in response["Content-Disposition"]
    return response.content


def read_csv(content: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.fixture
def board() -> Area:
    rows.make_indicator(slug="smokers")
    return rows.make_area(code="QX1", short_name="North")


@pytest.mark.parametrize(("format", "write"), [(CSV, as_csv), (XLSX, as_xlsx)])
def test_trusts_come_in_after_a_look_at_what_would_happen(admin_client, admin_user, format, write):  # noqa: A002
    before = read_all_rows()

    shown = look(admin_client, "icbs_area", write(TRUST), format=format)

    changed = {name for name, kept in read_all_rows().items() if kept != before[name]}
    assert changed <= {"sessions.Session"}
    assert "North Hospitals NHS Trust" in shown.content.decode()
    page = confirm(admin_client, "icbs_area", shown)
    trust = Area.objects.get(code="RX1")
    assert (trust.kind, trust.opened) == ("trust", date(2015, 4, 1))
    assert Area.history.get(id=trust.pk).history_user == admin_user
    assert "Imported trusts: 1 new, 0 changed, 0 left as they were." in page.content.decode()


def test_a_change_is_shown_beside_what_was_there(admin_client):
    bring_in(admin_client, "icbs_area", as_csv(TRUST))

    shown = look(admin_client, "icbs_area", as_csv(TRUST | {"short_name": "North <b>"}))

    assert "<del>North Hospitals</del> <ins>North &lt;b&gt;</ins>" in shown.content.decode()
    confirm(admin_client, "icbs_area", shown)
    assert Area.objects.get(code="RX1").short_name == "North <b>"


def test_the_same_file_again_leaves_every_entry_and_its_history_alone(admin_client):
    bring_in(admin_client, "icbs_area", as_csv(TRUST))
    kept = Area.history.count()

    page = bring_in(admin_client, "icbs_area", as_csv(TRUST))

    assert "0 new, 0 changed, 1 left" in page.content.decode()
    assert Area.history.count() == kept


def test_a_trust_lies_in_a_board_from_a_day(admin_client, board):
    other = rows.make_area(code="QX2")
    placed = TRUST | {"board": "QX1", "board_since": "2022-07-01", "board_source": "ODS"}
    bring_in(admin_client, "icbs_area", as_csv(placed))
    moved = placed | {"board": "QX2", "board_since": "2024-04-01"}

    shown = look(admin_client, "icbs_area", as_csv(moved))
    confirm(admin_client, "icbs_area", shown)

    links = AreaLink.objects.filter(from_area__code="RX1").order_by("valid_from")
    assert [(link.to_area, link.valid_to) for link in links] == [(board, date(2024, 4, 1)), (other, None)]
    assert "<del>QX1</del> <ins>QX2</ins>" in shown.content.decode()
    [row] = read_csv(send_out(admin_client, "icbs_area"))
    assert (row["code"], row["board"], row["board_since"]) == ("RX1", "QX2", "2024-04-01")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "This field cannot be blank."),
        ({"opened": "1.4.2015"}, "'1.4.2015' is not a day: write it as 2024-10-01."),
        ({"closed": "2014-04-01"}, "An area closes after it opens: check both dates."),
        ({"code": "QX1"}, "QX1 is North, which is no trust: correct the code."),
        ({"code": ""}, "Fill in code: they tell the entries apart."),
        ({"board": "QX9", "board_since": "2022-07-01", "board_source": "ODS"}, "There is no board 'QX9'"),
        ({"board": "QX1", "board_since": "", "board_source": "ODS"}, "Say since when the trust lies in this board"),
    ],
)  # fmt: skip
def test_a_wrong_trust_is_refused_by_its_line_and_nothing_is_imported(admin_client, board, changes, words):
    good = TRUST | {"board": "", "board_since": "", "board_source": "", "closed": ""}
    wrong = good | {"code": "RX2"} | changes

    response = look(admin_client, "icbs_area", as_csv(good, wrong))

    [(line, said)] = refusals(response)
    assert line == 3
    assert words in said
    assert "confirm_form" not in response.context
    assert not Area.objects.filter(kind="trust").exists()


def test_a_membership_that_is_left_out_is_not_ended_by_an_import(admin_client, board):
    placed = TRUST | {"board": "QX1", "board_since": "2022-07-01", "board_source": "ODS"}
    bring_in(admin_client, "icbs_area", as_csv(placed))

    emptied = look(
        admin_client, "icbs_area", as_csv(placed | {"board": "", "board_since": "", "board_source": ""})
    )
    without = look(admin_client, "icbs_area", as_csv(TRUST))

    assert "ends on the trust's own page" in refusals(emptied)[0][1]
    assert refusals(without) == []


def test_an_entry_that_stands_twice_in_a_file_is_refused(admin_client):
    response = look(admin_client, "icbs_area", as_csv(TRUST, TRUST | {"short_name": "Other"}))

    assert refusals(response) == [(3, "The same entry stands in line 2, too: keep one of them.")]


def test_lines_are_those_of_the_file_blank_ones_counted(admin_client):
    content = as_csv(TRUST, TRUST | {"code": "RX2", "name": ""}).replace(b"\nRX2", b"\n,,,\n\nRX2")

    assert refusals(look(admin_client, "icbs_area", content)) == [(5, "This field cannot be blank.")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (as_csv(TRUST | {"nmae": "x"}), "No column of this register: nmae."),
        (as_csv({"name": "x", "short_name": "y"}), "The file lacks what tells its rows apart: code."),
        (b"code,name,name\nRX1,a,b\n", "The file has more than one column name: keep one."),
    ],
)
def test_a_wrong_header_is_refused_in_words(admin_client, content, words):
    [said] = base_errors(look(admin_client, "icbs_area", content))

    assert words in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The submitted file is empty."),
        (b"<html></html>", "The file is a web page, not a table"),
        (b"code,name\nRX1,\xff\n", "is not UTF-8"),
        (b"code,name\nRX1,a,b\n", "Line 2 has more cells than the header"),
        (b"code,name\nRX1,a\x00b\n", "Line 2: The row holds the control character U+0000"),
        (b"code,name\n" + b"RX1,a\n" * 5_000, "at most 5,000 are read"),
        (b"code,name\n" + b"x" * 2_000_001, "at most 2,000,000 are read"),
        (b"code,name\n", "No valid data to import."),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(admin_client, content, words):
    response = look(admin_client, "icbs_area", content)

    assert any(words in error for error in response.context["form"].errors["import_file"])


def test_a_file_waits_no_longer_than_it_has_to(admin_client, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    look(admin_client, "icbs_area", as_csv(TRUST | {"name": ""}))
    assert list(tmp_path.iterdir()) == []
    shown = look(admin_client, "icbs_area", as_csv(TRUST))
    assert len(list(tmp_path.iterdir())) == 1
    confirm(admin_client, "icbs_area", shown)
    assert list(tmp_path.iterdir()) == []
    again = confirm(admin_client, "icbs_area", shown)
    assert "This file was imported already" in again.content.decode()


def test_a_register_that_changed_since_the_look_is_not_imported_in_part(admin_client):
    shown = look(admin_client, "icbs_area", as_csv(TRUST | {"code": "RX2"}, TRUST))
    rows.make_area(code="RX1")

    page = confirm(admin_client, "icbs_area", shown)

    assert "Nothing was imported: the register has changed since you looked." in page.content.decode()
    assert not Area.objects.filter(code="RX2").exists()


def test_a_text_that_looks_like_a_formula_goes_out_harmless_and_comes_back_whole(admin_client):
    rows.make_area(code="RX1", kind="trust", name="=1+1", short_name="@home")

    content = send_out(admin_client, "icbs_area")

    [row] = read_csv(content)
    assert (row["name"], row["short_name"]) == ("'=1+1", "'@home")
    assert "0 new, 0 changed, 1 left" in bring_in(admin_client, "icbs_area", content).content.decode()


@pytest.mark.parametrize("format", [CSV, XLSX])
def test_what_goes_out_comes_back_unchanged(admin_client, board, format):  # noqa: A002
    bring_in(
        admin_client, "targets_target", as_csv(DRAFT | {"milestones": '[{"on": "2027-12-31", "pct": 8.5}]'})
    )
    rows.make_version(status="published", target=rows.make_target(body=board), baseline_pct=13.123456789,
                      baseline_period_start=date(2019, 1, 1), baseline_period_end=date(2019, 12, 31))  # fmt: skip

    content = send_out(admin_client, "targets_target", format=format)
    page = bring_in(admin_client, "targets_target", content, format=format)

    assert "Imported targets: 0 new, 0 changed, 2 left as they were." in page.content.decode()


def test_only_what_the_list_shows_goes_out(admin_client, board):
    bring_in(admin_client, "targets_target", as_csv(DRAFT))
    rows.make_version(status="published")
    rows.make_area(kind="trust", code="RX1")

    drafts = read_csv(send_out(admin_client, "targets_target", query="draft=yes"))
    trusts = read_csv(send_out(admin_client, "icbs_area"))

    assert [row["target"] for row in drafts] == ["north-2030"]
    assert [row["code"] for row in trusts] == ["RX1"]


def test_a_new_target_comes_in_as_a_draft(admin_client, admin_user, board):
    bring_in(admin_client, "targets_target", as_csv(DRAFT))

    version = TargetVersion.objects.get()
    assert (version.status, version.number, version.value_pct, version.recorded_by) == (
        "draft",
        1,
        5.0,
        admin_user,
    )
    assert (version.target.slug, version.target.body) == ("north-2030", board)
    assert Target.history.get().history_user == admin_user


def test_a_draft_and_its_target_are_changed(admin_client, board):
    bring_in(admin_client, "targets_target", as_csv(DRAFT))

    shown = look(admin_client, "targets_target", as_csv(DRAFT | {"title": "6% by 2030", "value_pct": "6"}))
    confirm(admin_client, "targets_target", shown)

    version = TargetVersion.objects.get()
    assert (version.value_pct, version.target.title) == (6.0, "6% by 2030")
    assert "<del>5% by 2030</del> <ins>6% by 2030</ins>" in shown.content.decode()


def test_a_published_version_is_fixed_and_a_new_one_is_added_beside_it(admin_client, board):
    bring_in(admin_client, "targets_target", as_csv(DRAFT))
    TargetVersion.objects.update(status="published")
    published = DRAFT | {"status": "published"}

    refused = look(admin_client, "targets_target", as_csv(published | {"value_pct": "6"}))
    page = bring_in(
        admin_client, "targets_target", as_csv(published, DRAFT | {"number": "2", "value_pct": "4"})
    )

    [(line, said)] = refusals(refused)
    assert (line, "a published version is fixed" in said) == (2, True)
    assert "1 new, 0 changed, 1 left" in page.content.decode()
    versions = TargetVersion.objects.values_list("number", "status", "value_pct")
    assert list(versions) == [(1, "published", 5.0), (2, "draft", 4.0)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "published"}, "An import brings drafts"),
        ({"status": "maybe"}, "Value 'maybe' is not a valid choice."),
        ({"body": "QX9"}, "There is no area with the code 'QX9'"),
        ({"body": ""}, "Give the code of the body that stated it."),
        ({"indicator": "drinkers"}, "There is no indicator with the slug 'drinkers'"),
        ({"value_pct": "120"}, "A target is a percentage between 0 and 100."),
        ({"value_pct": "nan"}, "'nan' is not a number: write it as 12.5."),
        ({"number": "one"}, "number: 'one' is not a whole number: write it as 2."),
        ({"number": ""}, "Fill in target, number: they tell the entries apart."),
        ({"deadline": "2018-12-31"}, "The deadline comes before the day it was stated"),
        ({"compared_with_boards": "perhaps"}, "'perhaps' is neither yes nor no."),
        ({"milestones": "[8]"}, "Write each step with its day and its percentage"),
        ({"milestones": "eight"}, "'eight' is not JSON."),
        ({"title": ""}, "This field cannot be blank."),
    ],
)
def test_a_wrong_target_is_refused_by_its_line_and_nothing_is_imported(admin_client, board, changes, words):
    wrong = {"compared_with_boards": "no", "milestones": "", **DRAFT, "target": "other", **changes}

    response = look(admin_client, "targets_target", as_csv({**wrong, **DRAFT}, wrong))

    found = refusals(response)
    assert {line for line, _ in found if line != 2} == {3}
    assert any(words in said for _, said in found), found
    assert not Target.objects.exists()


def test_a_published_target_keeps_its_body_and_title(admin_client, board):
    bring_in(admin_client, "targets_target", as_csv(DRAFT))
    TargetVersion.objects.update(status="published")
    amended = DRAFT | {"number": "2", "title": "Another aim"}

    [(_, said)] = refusals(look(admin_client, "targets_target", as_csv(amended)))

    assert said.startswith("The target north-2030 is published: its title stays as it was.")


def log_in(client, *codenames: str):
    person = User.objects.create_user("clerk", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")


def test_who_may_only_look_may_export_and_not_import(client):
    log_in(client, "view_area")

    page = client.get(reverse("admin:icbs_area_changelist")).content.decode()

    assert "Export trusts" in page
    assert "Import trusts" not in page
    assert client.get(reverse("admin:icbs_area_export")).status_code == 200
    assert client.get(reverse("admin:icbs_area_import")).status_code == 403
    assert client.post(reverse("admin:icbs_area_process_import")).status_code == 403


def test_who_may_not_look_may_not_export(client):
    log_in(client, "view_mail")

    assert client.get(reverse("admin:icbs_area_export")).status_code == 403
    assert client.post(reverse("admin:icbs_area_export"), {"format": CSV, "resource": "0"}).status_code == 403


def test_an_export_costs_the_same_for_2_trusts_and_12(admin_client, board):
    def count(numbers: range) -> int:
        for number in numbers:
            trust = rows.make_area(kind="trust", code=f"RX{number}")
            rows.make_link(from_area=trust, to_area=board)
        with CaptureQueriesContext(connection) as queries:
            assert (
                len(read_csv(send_out(admin_client, "icbs_area")))
                == Area.objects.filter(kind="trust").count()
            )
        return len(queries)

    count(range(1))  # content types are remembered from the first export on
    assert count(range(1, 3)) == count(range(3, 15))


PERSON = {
    "area": "QX1",
    "role": "Tobacco dependence lead",
    "name": "A. Person",
    "email": "a.person@example.org",
    "phone": "+44 20 7946 0000",
    "since": "2024-04-01",
}


def test_contacts_come_in_and_go_out_with_a_plus_before_the_number(admin_client, board):
    bring_in(admin_client, "icbs_contact", as_csv(PERSON))
    content = send_out(admin_client, "icbs_contact")

    again = bring_in(admin_client, "icbs_contact", content)

    assert (Contact.objects.get().area, Contact.objects.get().phone) == (board, "+44 20 7946 0000")
    assert read_csv(content)[0]["phone"] == "'+44 20 7946 0000"
    assert "0 new, 0 changed, 1 left" in again.content.decode()


def test_an_office_passes_to_somebody_else_in_one_file(admin_client, board):
    bring_in(admin_client, "icbs_contact", as_csv(PERSON))
    former = PERSON | {"until": "2025-04-01"}

    bring_in(
        admin_client,
        "icbs_contact",
        as_csv(former, former | {"since": "2025-04-01", "until": "", "name": "B."}),
    )

    held = Contact.objects.order_by("since").values_list("name", "until")
    assert list(held) == [("A. Person", date(2025, 4, 1)), ("B.", None)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "", "phone": ""}, "Give an e-mail address or a telephone number."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"area": "QX9"}, "There is no area with the code 'QX9'"),
        ({"name": ""}, "This field cannot be blank."),
        ({"until": "2024-04-01"}, "The last day comes before the first: check both dates."),
        ({"since": "2025-04-01", "role": PERSON["role"]}, "Somebody holds this office already"),
    ],
)
def test_a_wrong_contact_is_refused_by_its_line(admin_client, board, changes, words):
    whole = PERSON | {"until": ""}
    wrong = whole | {"role": "Other"} | changes

    response = look(admin_client, "icbs_contact", as_csv(whole, wrong))

    assert any(line == 3 and words in said for line, said in refusals(response)), refusals(response)
    assert not Contact.objects.exists()


def test_contacts_leave_no_history(admin_client, board):
    contact = rows.make_contact(area=board)

    assert not hasattr(Contact, "history")
    url = reverse("admin:icbs_contact_delete", args=[contact.pk])
    assert admin_client.post(url, {"post": "yes"}).status_code == 302
    assert not Contact.objects.exists()
