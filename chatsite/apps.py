from django.apps import AppConfig

from chatsite.bounds import bound_form_fields

# Here, because this is the first app that Django loads, and none has defined a form yet.
bound_form_fields()


class ChatsiteConfig(AppConfig):
    name = "chatsite"

    def ready(self) -> None:
        from chatsite import checks, cookies, readonly  # noqa: F401  (registers what they say, and hear)

        readonly.watch_all()
