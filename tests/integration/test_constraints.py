"""The database refuses nonsense: one case for each named constraint, and a check that none is forgotten."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from alerts.models import Mail
from tests.factories.rows import (
    NOW,
    make_announced,
    make_area,
    make_assessment,
    make_boundary_note,
    make_break,
    make_change,
    make_clearance,
    make_code,
    make_contact,
    make_follow_up,
    make_hex,
    make_indicator,
    make_item,
    make_link,
    make_mail,
    make_missing,
    make_observation,
    make_part,
    make_population,
    make_release,
    make_series,
    make_service,
    make_staged,
    make_standing,
    make_state,
    make_status,
    make_subscription,
    make_target,
    make_transition,
    make_unread,
    make_upload,
    make_version,
)

pytestmark = pytest.mark.django_db

OURS = ("kit", "icbs", "surveys", "targets", "alerts")


def twice(make: Callable, **shared: Callable) -> Callable[[], None]:
    """Make two rows that share what must be unique."""

    def run() -> None:
        values = {name: value() if callable(value) else value for name, value in shared.items()}
        make(**values)
        make(**values)

    return run


def once(make: Callable, **changes) -> Callable[[], None]:
    return lambda: make(**changes)


def link_to_itself() -> None:
    area = make_area()
    make_link(from_area=area, to_area=area)


def second_version_of_a_number() -> None:
    version = make_version()
    make_version(target=version.target, number=version.number)


def two_standings_of_a_pair() -> None:
    standing = make_standing()
    make_standing(assessment=standing.assessment)


def two_states_of_a_pair() -> None:
    state = make_state()
    make_state(last_change=make_change(standing=state.last_change.standing))


def one_figure_twice_in_a_release() -> None:
    row = make_observation(known_to=date(2024, 1, 1))
    make_observation(series=row.series, release=row.release)


def proxy_for_itself() -> None:
    indicator = make_indicator()
    indicator.proxy_for = indicator
    indicator.save()


def contacts_from(*days: date, until: date | None = None) -> Callable[[], None]:
    def run() -> None:
        area = make_area()
        for day in days:
            make_contact(area=area, since=day, until=until)

    return run


CASES: dict[str, Callable[[], None]] = {
    "area_kind_is_known": once(make_area, kind="planet"),
    "area_closes_after_it_opens": once(make_area, opened=date(2022, 7, 1), closed=date(2022, 7, 1)),
    "area_code_and_names_not_empty": once(make_area, name=""),
    "area_code_unique_for_ever": twice(make_code, code="Q1"),
    "area_code_scheme_is_known": once(make_code, scheme="abc"),
    "area_code_dates_ordered": once(make_code, valid_from=date(2022, 7, 1), valid_to=date(2022, 7, 1)),
    "area_link_once_from_a_day": twice(make_link, from_area=make_area, to_area=make_area),
    "area_link_kind_is_known": once(make_link, kind="near"),
    "area_link_not_to_itself": link_to_itself,
    "area_link_share_0_to_1": once(make_link, share=1.2),
    "area_link_dates_ordered": once(make_link, valid_to=date(2022, 7, 1)),
    "hex_cell_one_per_board": lambda: [make_hex(area=a, col=c) for a in [make_area()] for c in (1, 5)],
    "hex_cell_holds_one_board": twice(make_hex),
    "population_once": twice(make_population, area=make_area),
    "population_positive": once(make_population, persons=0),
    "population_age_to_120": once(make_population, age_from=121),
    "population_known_after_its_day": once(make_population, on=date(2023, 6, 2)),
    "boundary_note_once": twice(make_boundary_note, area=make_area),
    "boundary_note_not_empty": once(make_boundary_note, detail=""),
    "follow_up_once": twice(make_follow_up, target=make_target, successor=make_area),
    "follow_up_answer_is_known": once(make_follow_up, answer="maybe"),
    "follow_up_restated_names_the_target": once(make_follow_up, answer="restated"),
    "contact_one_at_a_time_in_an_office": contacts_from(date(2024, 4, 1), date(2025, 4, 1)),
    "contact_once_from_a_day": contacts_from(date(2024, 4, 1), date(2024, 4, 1), until=date(2025, 4, 1)),
    "contact_has_a_name_and_an_office": once(make_contact, name=""),
    "contact_can_be_reached": once(make_contact, email=""),
    "contact_ends_after_it_begins": once(make_contact, until=date(2024, 4, 1)),
    "service_names_not_empty": once(make_service, name=""),
    "rollout_status_one_per_body_service_and_day": twice(make_status, area=make_area, service=make_service),
    "rollout_status_is_known": once(make_status, status="maybe"),
    "rollout_status_since_the_long_term_plan": once(make_status, on=date(202, 2, 1)),
    "rollout_status_has_a_source": once(make_status, source_title=""),
    "rollout_status_not_known_before_its_day": once(make_status, on=date(2023, 7, 1)),
    "indicator_polarity_is_known": once(make_indicator, better="same"),
    "indicator_collection_is_known": once(make_indicator, collection="guess"),
    "indicator_year_type_is_known": once(make_indicator, year_type="lunar"),
    "indicator_design_effect_at_least_1_with_source": once(make_indicator, design_effect=1.5),
    "indicator_period_positive": once(make_indicator, period_months=0),
    "indicator_fingertips_id_once": twice(make_indicator, fingertips_id=92443),
    "indicator_is_no_proxy_for_itself": proxy_for_itself,
    "announced_edition_once": twice(make_announced, indicator=make_indicator),
    "announced_edition_after_its_period": once(make_announced, due_on=date(2025, 12, 31)),
    "coverage_clearance_once": twice(make_clearance, indicator=make_indicator, area=make_area),
    "coverage_clearance_says_who_and_why": once(make_clearance, reason=""),
    "series_period_positive": once(make_series, period_months=0),
    "series_unique": twice(make_series, indicator=make_indicator, area=make_area),
    "series_category_with_its_type": once(make_series, category="Decile 1"),
    "break_kind_is_known": once(make_break, kind="crack"),
    "break_once_a_day_for_an_area": twice(make_break, indicator=make_indicator, area=make_area),
    "break_once_a_day_for_all_areas": twice(make_break, indicator=make_indicator),
    "release_file_once": twice(make_release, indicator=make_indicator, file_sha256="a" * 64),
    "release_kind_is_known": once(make_release, kind="rumour"),
    "release_estimate_says_what_it_was_made_from": once(make_release, kind="estimate"),
    "release_says_how_its_day_is_known": once(make_release, known_from_basis=""),
    "release_withdrawn_says_why": once(make_release, withdrawn_at=NOW),
    "unread_place_once": twice(make_unread, release=make_release, series=make_series),
    "upload_state_is_known": once(make_upload, state="lost"),
    "upload_refused_says_why": once(make_upload, state="refused"),
    "upload_says_how_its_day_is_known": once(make_upload, known_from_basis=""),
    "staged_row_period_ordered": once(make_staged, period_end=date(2021, 12, 31)),
    "observation_change_is_known": once(make_observation, change="lost"),
    "observation_dropped_has_no_value": once(make_observation, dropped=True),
    "observation_without_effect_is_never_known": once(make_observation, change="repeated"),
    "observation_one_current_per_series_and_period": twice(make_observation, series=make_series),
    "observation_once_per_release": one_figure_twice_in_a_release,
    "observation_period_ordered": once(make_observation, period_end=date(2021, 12, 31)),
    "observation_known_dates_ordered": once(make_observation, known_to=date(2023, 9, 4)),
    "observation_value_0_to_100": once(make_observation, value_pct=120.0),
    "observation_95_limits_enclose_the_value": once(make_observation, lower95_pct=13.0, upper95_pct=14.0),
    "observation_998_limits_enclose_the_95": once(
        make_observation, lower95_pct=11.0, upper95_pct=13.0, lower998_pct=11.5, upper998_pct=12.5
    ),
    "observation_denominator_positive": once(make_observation, denominator=0.0),
    "estimate_part_once": twice(make_part, estimate=make_observation, council_figure=make_observation),
    "estimate_part_has_weight": once(make_part, lsoa_count=0),
    "missing_estimate_once": twice(make_missing, release=make_release, area=make_area),
    "target_title_not_empty": once(make_target, title=""),
    "target_version_number_once": second_version_of_a_number,
    "target_version_status_is_known": once(make_version, status="rumour"),
    "target_version_form_is_known": once(make_version, form="poem"),
    "target_version_value_0_to_100": once(make_version, value_pct=120.0),
    "target_version_baseline_0_to_100": once(
        make_version,
        baseline_pct=-1.0,
        baseline_period_start=date(2021, 1, 1),
        baseline_period_end=date(2021, 12, 31),
    ),
    "target_version_level_has_value_and_comparator": once(make_version, comparator=""),
    "target_version_level_has_a_deadline": once(make_version, deadline=None, deadline_precision=""),
    "target_version_deadline_with_its_precision": once(make_version, deadline_precision=""),
    "target_version_baseline_with_its_period": once(make_version, baseline_pct=12.5),
    "target_version_deadline_after_its_baseline": once(
        make_version,
        deadline=date(2021, 12, 31),
        baseline_pct=12.5,
        baseline_period_start=date(2021, 1, 1),
        baseline_period_end=date(2021, 12, 31),
    ),
    "target_version_deadline_after_its_statement": once(
        make_version, deadline=date(2023, 3, 31), deadline_precision="day"
    ),
    "target_version_known_once_it_is_stated": once(
        make_version, stated_on=date(2023, 3, 31), known_from=date(2023, 3, 30)
    ),
    "target_version_year_ends_on_its_last_day": once(make_version, deadline=date(2030, 6, 15)),
    "target_version_judged_or_says_why_not": once(make_version, indicator="none"),
    "target_version_has_words_and_source": once(make_version, wording=""),
    "assessment_once_per_inputs": twice(make_assessment, version=make_version, input_digest="d"),
    "assessment_digest_not_empty": once(make_assessment, input_digest=""),
    "assessment_position_is_known": once(make_assessment, position="sideways"),
    "assessment_flag_is_known": once(make_assessment, flag="mauve"),
    "assessment_basis_is_known": once(make_assessment, basis="hunch"),
    "assessment_indicative_is_never_final_or_red": once(make_assessment, basis="indicative", flag="red"),
    "assessment_unjudged_says_why": once(make_assessment, position="cannot_assess"),
    "assessment_judged_has_a_value": once(make_assessment, value_pct=None),
    "standing_one_per_version_and_area": two_standings_of_a_pair,
    "standing_cause_is_known": once(make_standing, cause="luck"),
    "standing_change_cause_is_known": once(make_change, cause="luck"),
    "subscription_one_per_address": lambda: [make_subscription(email=e) for e in ("a@b.org", "A@b.org")],
    "subscription_frequency_is_known": once(make_subscription, frequency="hourly"),
    "state_one_per_version_and_area": two_states_of_a_pair,
    "state_is_known": once(make_state, state="asleep"),
    "transition_tell_is_known": once(make_transition, tell="everybody"),
    "mail_lease_has_token_and_end": once(make_mail, lease_token=uuid4()),
    "mail_not_empty": once(make_mail, subject=""),
    "mail_item_once_per_subscriber_and_transition": twice(
        make_item, mail=make_mail, transition=make_transition
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses(name):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        CASES[name]()

    if "UNIQUE constraint failed" not in str(refused.value):  # SQLite names the columns instead
        assert name in str(refused.value)


def test_every_constraint_has_a_case():
    named = {
        constraint.name
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint | models.UniqueConstraint)
    }

    assert named == set(CASES)


def test_an_indicative_verdict_cannot_be_missed():
    with pytest.raises(IntegrityError, match="assessment_indicative"), transaction.atomic():
        make_assessment(basis="indicative", flag="none", position="missed_point")


def test_valid_rows_are_kept():
    make_item()
    make_part()
    make_missing()
    make_hex()
    make_code()
    make_link()
    make_break()

    assert Mail.objects.count() == 1
