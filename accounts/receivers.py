"""Hear what Django does to accounts and sessions, and say it in our own signals."""

from functools import partial
from typing import Any

from allauth.account import signals as allauth
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import addresses, signals
from accounts.known_devices import remember_device
from accounts.models import SHOWN, SiteSettings, User


@receiver(user_logged_out)
def tell_signed_out(request: HttpRequest, **kwargs: Any) -> None:
    # Django sends this just before it empties the session: afterwards nobody knows the key.
    if key := request.session.session_key:
        transaction.on_commit(partial(signals.signed_out.send, sender=User, session_key=key))


# All columns whose changes are told.
TOLD = ("password", "is_active", *SHOWN)
# What is told in the transaction of the change itself.
INSIDE = (signals.suspending, signals.reactivating)


@receiver(pre_save, sender=User)
def notice_changes(instance: User, raw: bool, update_fields: frozenset[str] | None, **kwargs: Any) -> None:
    """Compare with what is stored, because every door (pages, admin, command line) ends in a save of these columns."""
    instance.changes = []
    if raw or instance._state.adding or (update_fields is not None and update_fields.isdisjoint(TOLD)):
        return
    stored = User.objects.filter(pk=instance.pk).values(*TOLD).first()
    if not stored:
        return
    if stored["is_active"] and not instance.is_active:
        instance.changes += [signals.suspending, signals.suspended]
    if instance.is_active and not stored["is_active"]:
        instance.changes.append(signals.reactivating)
    if stored["password"] != instance.password:
        instance.changes.append(signals.password_changed)
    if any(stored[name] != getattr(instance, name) for name in SHOWN):
        # With the change itself, for the processes that the signal does not reach.
        instance.profile_changed_at = timezone.now()
        instance.changes.append(signals.renamed)


@receiver(post_save, sender=User)
def tell_changes(instance: User, **kwargs: Any) -> None:
    for signal in instance.changes:
        if signal in INSIDE:
            signal.send(sender=User, user=instance)
        else:
            transaction.on_commit(partial(signal.send, sender=User, user=instance))


post_save.connect(SiteSettings.forget_copy, sender=SiteSettings)


# --- Addresses and passwords, by whichever of allauth's doors they are changed ---


@receiver(allauth.email_confirmed)
def settle_confirmed(request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    addresses.settle_if_first(email_address, request=request)


@receiver(allauth.password_reset)
def settle_reset(request: HttpRequest, user: User, **kwargs: Any) -> None:
    addresses.settle_reset(user, request=request)


@receiver([allauth.password_changed, allauth.password_set])
def keep_device(request: HttpRequest, user: User, **kwargs: Any) -> None:
    # Another password makes all devices strange, but not the one where it was chosen.
    remember_device(request, user)


@receiver(allauth.email_added)
def tell_added(user: User, email_address: EmailAddress, **kwargs: Any) -> None:
    get_adapter().send_notification_mail("account/email/email_added", user, {"added_email": email_address.email})


@receiver(allauth.email_removed)
def tell_removed(user: User, email_address: EmailAddress, **kwargs: Any) -> None:
    # allauth tells the main address, which somebody may have just made their own.
    if email_address.verified:
        addresses.tell_removed(user, email=email_address.email)
