from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RoomsConfig(AppConfig):
    name = "rooms"

    def ready(self) -> None:
        from rooms import export, receivers, seal, usage  # noqa: F401  (the first two connect themselves)
        from rooms.realtime import event_router

        post_migrate.connect(seal.put_on_after_migrate, sender=self)
        post_migrate.connect(usage.keep_after_migrate, sender=self)
        event_router.connect()
