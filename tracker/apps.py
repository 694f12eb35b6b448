from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


def seed_after_migrations(**_sent: Any) -> None:
    from tracker.services.schedule import seed_schedule

    seed_schedule()


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = "Tracker"

    def ready(self) -> None:
        # Sent for apps with models only; by then the schedule's own tables are there.
        post_migrate.connect(seed_after_migrations, sender=apps.get_app_config("django_celery_beat"))
