from django.apps import AppConfig

from chatsite.bounds import bound_form_fields

# Here, because this is the first app that Django loads, and none has defined a form yet.
bound_form_fields()


class ChatsiteConfig(AppConfig):
    name = "chatsite"

    def ready(self) -> None:
        from chatsite import checks, readonly  # noqa: F401  (registers what they say, and hear)
        from chatsite.http import cookies  # noqa: F401

        readonly.watch_all()
