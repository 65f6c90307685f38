from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RoomsConfig(AppConfig):
    name = "rooms"

    def ready(self) -> None:
        from rooms import personal_data, receivers, usage  # noqa: F401  (the first two connect themselves)
        from rooms.log import triggers
        from rooms.realtime import event_router

        post_migrate.connect(triggers.put_on_after_migrate, sender=self)
        post_migrate.connect(usage.keep_after_migrate, sender=self)
        event_router.connect()
