"""Every address of the site."""

from django.contrib import admin
from django.http import Http404
from django.urls import include, path
from django.views.defaults import page_not_found

from chatsite import health
from rooms.api import api, document

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", include("accounts.urls")),
    path("", include("rooms.urls")),
    path("accounts/", include("allauth.urls")),
    # The site knows no telephones, and this door of allauth's fails where nobody is signed in.
    path("_allauth/app/v1/account/phone", page_not_found, {"exception": Http404()}),
    path("_allauth/", include("allauth.headless.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/openapi.json", document.view_of(api)),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
]

handler500 = "chatsite.errors.server_error_or_away"
