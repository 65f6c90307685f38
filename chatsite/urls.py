"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from api import api, asyncapi, doctor_file, document
from chatsite.http import errors
from chatsite.ops import health

operations, app_name, namespace = api.urls

urlpatterns = [
    # First, because programs ask most often, and Django tries one address after the other.
    path("api/v1/openapi.json", document.view_of(api)),
    path("api/v1/asyncapi.json", asyncapi.asyncapi_json),
    path("api/v1/", (operations, app_name, namespace)),
    # As they were before there was a version in them: the same operations.
    path("api/openapi.json", document.view_of(api)),
    path("api/", include(operations)),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("doctor/file", doctor_file.file_for_doctor),
    path("", include("accounts.urls")),
    path("", include("rooms.urls")),
    path("accounts/", include("allauth.urls")),
    # allauth's door to telephone numbers, which nobody has here, stumbles over whoever knocks.
    path("_allauth/app/v1/account/phone", errors.nothing_for_apps),
    path("_allauth/", include("allauth.headless.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]

handler500 = "chatsite.http.errors.server_error_or_away"
