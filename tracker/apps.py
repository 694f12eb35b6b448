from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = "Tracker"

    def ready(self) -> None:
        from tracker.services.schedule import seed_schedule

        post_migrate.connect(lambda **_: seed_schedule(), sender=self, weak=False)
