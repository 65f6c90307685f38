"""Addresses of people's accounts. They stand before allauth's own, whose pages of the same address they replace."""

from allauth.headless.constants import Client
from django.urls import path

from accounts.views import app, entrance, keep, manage

urlpatterns = [
    path("accounts/signup/", entrance.SignupPage.as_view(), name="account_signup"),
    path("_allauth/app/v1/auth/signup", app.SignupView.as_api_view(client=Client.APP)),
    path("accounts/password/reset/", entrance.PasswordResetPage.as_view(), name="account_reset_password"),
    path("accounts/guest/", entrance.GuestPage.as_view(), name="guest"),
    path("accounts/username/", entrance.username_check, name="username_check"),
    path("setup/<str:token>/", entrance.FirstAdminPage.as_view(), name="first_admin"),
    path("accounts/", manage.AccountPage.as_view(), name="account"),
    path("accounts/profile/", manage.ProfilePage.as_view(), name="account_profile"),
    path("accounts/keep/", keep.KeepPage.as_view(), name="account_keep"),
    path("accounts/keep/confirm/<str:token>/", keep.KeepConfirmPage.as_view(), name="account_keep_confirm"),
    path("accounts/email/", manage.EmailPage.as_view(), name="account_email"),
    path("accounts/password/change/", manage.PasswordChangePage.as_view(), name="account_change_password"),
    path("accounts/password/set/", manage.PasswordSetPage.as_view(), name="account_set_password"),
    path("accounts/sessions/", manage.SessionsPage.as_view(), name="usersessions_list"),
    path("accounts/preferences/", manage.PreferencesPage.as_view(), name="account_preferences"),
    path("accounts/blocked/", manage.BlocksPage.as_view(), name="account_blocks"),
    path("accounts/data/", manage.DataPage.as_view(), name="account_data"),
    path("accounts/data/download/", manage.download, name="account_download"),
    path("accounts/delete/", manage.DeletePage.as_view(), name="account_delete"),
]
