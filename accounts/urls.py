"""Addresses of people's accounts. They stand before allauth's own, whose pages of the same address they replace."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("accounts/", views.AccountPage.as_view(), name="account"),
    path("accounts/signup/", views.SignupPage.as_view(), name="account_signup"),
    path("accounts/email/", views.EmailPage.as_view(), name="account_email"),
    path("accounts/guest/", views.GuestPage.as_view(), name="guest"),
    path("accounts/username/", views.username_check, name="username_check"),
    path("setup/<str:token>/", views.FirstAdminPage.as_view(), name="first_admin"),
]
