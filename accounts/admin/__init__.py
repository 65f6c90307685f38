"""People and the site itself, for site admins: every change goes through an action, or is one of no rule's."""

from allauth.account.admin import EmailAddress
from allauth.account.decorators import secure_admin_login
from allauth.usersessions.admin import UserSession
from django.contrib import admin
from django.http import Http404, HttpRequest
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.admin import site, users
from accounts.models import SiteSettings

__all__ = ["site", "users"]


def no_suggestions(request: HttpRequest) -> None:
    """Keep Django's search for the boxes of forms shut: none of ours has such a box, and it searches every list."""
    raise Http404


# One way in for everybody: allauth's log-in page counts failed attempts, the admin's own does not.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = lazy(lambda: SiteSettings.current().shown_name, str)()
admin.site.index_title = _("Look after the site")
# Raw forms of allauth's: an address is confirmed on the person's page, and a session that is deleted as a row lives
# on. Imported above, so that they are registered, and then not any more.
admin.site.unregister([EmailAddress, UserSession])
admin.site.autocomplete_view = no_suggestions  # type: ignore[method-assign, assignment]
