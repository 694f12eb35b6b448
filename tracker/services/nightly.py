"""The nightly job: judge, follow what changed, deliver. Each part can run twice and be killed anywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alerts.services.deliver import Delivery, deliver_due
from alerts.services.evaluate import evaluate_alerts
from targets.services.assess import assess_targets


@dataclass(frozen=True, slots=True)
class Night:
    judged: int
    moved: int
    followed: int
    delivery: Delivery


def run_nightly(*, clock: Callable[[], datetime]) -> Night:
    run = assess_targets(now=clock())
    followed = evaluate_alerts(now=clock())
    return Night(len(run.judged), run.moved, followed, deliver_due(clock=clock))
