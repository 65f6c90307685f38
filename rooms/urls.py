from datetime import date

from django.urls import path, register_converter

from rooms.views import files, members, rooms, settings


class DayConverter:
    """``2026-11-20``; a day that no month has is no address."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

urlpatterns = [
    path("", rooms.home, name="home"),
    path("rooms/", rooms.room_list, name="room_list"),
    path("rooms/new/", rooms.room_new, name="room_new"),
    path("rooms/keys/", rooms.room_keys, name="room_keys"),
    path("rooms/direct/", rooms.direct_open, name="direct_open"),
    path("rooms/invitations/<str:code>/", rooms.invitation, name="invitation"),
    path("rooms/<uuid:room_id>/", rooms.room, name="room"),
    path("rooms/<uuid:room_id>/at/<int:seq>/", rooms.room_at, name="room_at"),
    path("rooms/<uuid:room_id>/at/<day:day>/", rooms.room_on_day, name="room_on_day"),
    path("rooms/<uuid:room_id>/join/", rooms.room_join, name="room_join"),
    path("rooms/<uuid:room_id>/leave/", rooms.room_leave, name="room_leave"),
    path("rooms/<uuid:room_id>/delete/", rooms.room_delete, name="room_delete"),
    path("rooms/<uuid:room_id>/files/", files.room_files, name="room_files"),
    path("rooms/<uuid:room_id>/settings/", settings.room_settings, name="room_settings"),
    path("rooms/<uuid:room_id>/kind/", settings.room_kind, name="room_kind"),
    path("rooms/<uuid:room_id>/mute/", settings.room_mute, name="room_mute"),
    path("rooms/<uuid:room_id>/favour/", settings.room_favour, name="room_favour"),
    path("rooms/<uuid:room_id>/invitations/", settings.invitation_new, name="invitation_new"),
    path(
        "rooms/<uuid:room_id>/invitations/<int:invitation_id>/revoke/",
        settings.invitation_revoke,
        name="invitation_revoke",
    ),
    path("rooms/<uuid:room_id>/members/", members.member_add, name="member_add"),
    path("rooms/<uuid:room_id>/members/<uuid:user_id>/role/", members.member_role, name="member_role"),
    path("rooms/<uuid:room_id>/members/<uuid:user_id>/remove/", members.member_remove, name="member_remove"),
]
