"""How a user is seen by others: display name and picture."""

from typing import IO

from django.db import transaction

from accounts.errors import BadDisplayName, NoPicture, PicturesBusy, PictureTooLarge
from accounts.models import DISPLAY_NAME_MAX_LENGTH, Picture, User
from chatsite.files import pictures
from chatsite.text import TextTooLongError, can_be_seen, one_line


def clean_display_name(display_name: str) -> str:
    """Return the name on one line, or raise ``BadDisplayName`` where a part of it cannot be seen, or it is too long."""
    try:
        display_name = one_line(display_name)
    except TextTooLongError:
        raise BadDisplayName from None
    if not can_be_seen(display_name) or len(display_name) > DISPLAY_NAME_MAX_LENGTH:
        raise BadDisplayName
    return display_name


def set_display_name(user: User, *, display_name: str) -> None:
    """Change the name that others see. Without one they see the username; of a guest, they always see a name."""
    user.display_name = clean_display_name(display_name) if display_name.strip() or user.is_guest else ""
    user.save(update_fields=["display_name"])


def set_picture(user: User, *, file: IO[bytes]) -> None:
    """Show the middle of this picture beside somebody's name."""
    # Before the transaction: on SQLite it would keep everybody else from writing for as long as this takes.
    try:
        image = pictures.portrait(file, whose=user.pk)
    except pictures.PictureTooLargeError:
        raise PictureTooLarge from None
    except pictures.NoPictureError:
        raise NoPicture from None
    except pictures.BusyError:
        raise PicturesBusy from None
    keep_picture(user, image)


@transaction.atomic
def keep_picture(user: User, image: bytes) -> None:
    Picture.objects.update_or_create(user=user, defaults={"image": image})
    user.picture = pictures.digest_of(image)
    user.save(update_fields=["picture"])


@transaction.atomic
def remove_picture(user: User) -> None:
    Picture.objects.filter(user=user).delete()
    user.picture = ""
    user.save(update_fields=["picture"])
