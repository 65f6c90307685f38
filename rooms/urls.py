from django.urls import path

from rooms import views

urlpatterns = [
    path("", views.home, name="home"),
    path("rooms/", views.room_list, name="room_list"),
    path("rooms/new/", views.room_new, name="room_new"),
    path("rooms/invitations/<str:code>/", views.invitation, name="invitation"),
    path("rooms/<uuid:room_id>/", views.room, name="room"),
    path("rooms/<uuid:room_id>/join/", views.room_join, name="room_join"),
    path("rooms/<uuid:room_id>/leave/", views.room_leave, name="room_leave"),
    path("rooms/<uuid:room_id>/delete/", views.room_delete, name="room_delete"),
]
