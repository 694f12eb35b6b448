"""Writes the mails: subject, text and HTML. What they say of a position comes from the shared wording."""

from dataclasses import dataclass

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from alerts.calc.rules import Tell, Why
from alerts.models import Mail, Subscription, Transition
from kit.calc.formats import format_day, format_interval, format_pct, format_pp, places_to_tell_apart
from kit.signing import LEAVE, sign_link
from targets.calc.statements import describe_deadline
from targets.calc.wording import describe_basis, describe_goal, tag_for
from targets.models import Assessment
from targets.selectors.verdicts import describe_assessment

HEADLINES = {
    Tell.SUBSCRIBERS_SLIPPED: "behind its path",
    Tell.SUBSCRIBERS_WORSE: "further behind its path",
    Tell.SUBSCRIBERS_RECOVERED: "no longer behind its path",
    Tell.SUBSCRIBERS_ACHIEVED: "target met",
    Tell.SUBSCRIBERS_LOST: "a met target is no longer met",
    Tell.SUBSCRIBERS_REVISED: "figures revised",
}
ONE_IN = {"amber": "40", "red": "1,000"}
REASONS = {
    Why.DEADLINE_MISSED: "The figure for the deadline has been published, and the target was missed.",
    Why.AMBER_AGAIN: "This is the second new period in a row that lies beyond the path.",
    Why.FIGURES_REVISED: "Figures were revised or corrected, or are judged by a new method. This is not a slip.",
}


@dataclass(frozen=True, slots=True)
class Written:
    subject: str
    text: str
    html: str
    leave_url: str


def write_alert(transition: Transition, subscription: Subscription) -> Written:
    """The mail for one transition; its text is kept as it was written."""
    change = transition.change
    version, area = change.standing.version, change.standing.area
    leave_url = _absolute("leave", token=sign_link(LEAVE, subscription.pk))
    badge = "Demonstration: " if area.demonstration else ""
    missed = transition.reason == Why.DEADLINE_MISSED
    headline = "target missed" if missed else HEADLINES[Tell(transition.tell)]
    subject = f"{badge}{area.short_name}: {headline} ({version.target.title})"
    context = {
        "subject": subject,
        "area": area,
        "version": version,
        "headline": headline,
        "why": REASONS.get(Why(transition.reason), ""),
        "sentence": describe_assessment(change.after),
        "facts": _list_facts(change.after, change.before),
        "chance": _describe_chance(change.after),
        "target_url": _absolute("target_detail", pk=version.target_id),
        "board_url": _absolute("icb_detail", code=area.code),
        "leave_url": leave_url,
    }
    html = render_to_string("emails/alert.html", context)
    return Written(
        subject=" ".join(subject.split()),
        text=render_to_string("emails/alert.txt", context),
        html=css_inline.inline(html, load_remote_stylesheets=False),
        leave_url=leave_url,
    )


def build_message(mail: Mail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to_address],
        headers={
            "Message-ID": mail.message_id,
            "List-Unsubscribe": f"<{mail.leave_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(mail.html, "text/html")
    return message


def _list_facts(after: Assessment, before: Assessment | None) -> list[tuple[str, str]]:
    version, reading = after.version, after.reading
    deadline = describe_deadline(version.deadline, version.deadline_precision)
    places = places_to_tell_apart(after.value_pct, after.expected_pct)
    needed = format_pct(after.expected_pct, places)
    better = "Higher" if version.comparator == "ge" else "Lower"
    facts = [
        ("Target", f"{describe_goal(version.comparator, after.target_pct)} by {deadline}"),
        ("Position", tag_for(after.position).word),
        ("Position before", tag_for(before.position).word if before else "none: this is the first"),
        ("Latest figure", format_interval(after.value_pct, after.lower95_pct, after.upper95_pct, places)),
        ("Period", after.reading_label),
        ("The target asks for" if after.decides else "Its path needs by then", needed),
        ("Gap", f"{format_pp(after.gap_pp, places)} {_name_measure(after)}"),
        ("Which way is good", f"{better} is better"),
        ("Basis", f"{describe_basis(after.basis)}{f': {after.basis_reason}' if after.basis_reason else ''}"),
    ]
    if reading:
        facts += [
            ("Source", f"{reading.release.source_title}: {reading.release.title}"),
            ("Known from", format_day(reading.known_from)),
            ("How that day is known", reading.release.known_from_basis),
        ]
    return facts


def _name_measure(after: Assessment) -> str:
    """What the figure is held against: at the deadline the target itself."""
    return "the target" if after.decides else "the path"


def _describe_chance(after: Assessment) -> str:
    if after.flag not in ONE_IN:
        return ""
    return (
        f"If the truth were on {_name_measure(after)}, sampling alone would put a figure this far from it "
        f"less than 1 time in {ONE_IN[after.flag]}."
    )


def _absolute(name: str, **arguments: object) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, kwargs=arguments)}"
