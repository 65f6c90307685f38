"""Who gets what at which door. A new door fails test_access.py until it has its row here.

Each cell is a status. ``login`` leads to the log-in page, ``302`` elsewhere, ``-`` is not asked. The codes that the API
gives are the usual ones of a status (see ``usual_code``), or stand behind it.
"""

# What is sent, where nothing would be refused for its form before anybody is refused for who they are.
BODIES: dict[str, dict[str, object]] = {
    "POST api/directs": {"username": "erin"},
    "POST api/guests": {"display_name": "Gus"},
    "POST api/poll": {"rooms": [{"room": "00000000-0000-4000-8000-000000000000"}]},
    "POST api/rooms": {"name": "New"},
    "PATCH api/rooms/<room_id>": {"topic": "New"},
    "POST api/rooms/<room_id>/files": {"name": "a.txt", "size": 1},
    "POST api/rooms/<room_id>/members": {"username": "charlie"},
    "PATCH api/rooms/<room_id>/members/<user_id>": {"role": "admin"},
    "PATCH api/rooms/<room_id>/mine": {"muted": True},
    "POST api/rooms/<room_id>/messages": {"client_id": "2", "body": "Hello"},
    "POST api/rooms/<room_id>/read": {"seq": 1},
    "POST rooms/direct/": {"username": "erin"},
    "POST rooms/new/": {"name": "New", "kind": "public"},
    "POST rooms/<room_id>/invitations/": {"days": 7},
    "POST rooms/<room_id>/kind/": {"kind": "public"},
    "POST rooms/<room_id>/members/": {"username": "charlie"},
    "POST rooms/<room_id>/members/<user_id>/role/": {"role": "admin"},
    "POST rooms/<room_id>/settings/": {"name": "Den", "topic": "New"},
}

# Anonymous, guest, stranger, who left, who was removed, who is blocked by the members, member, admin, site admin: at
# the doors of a private room and of what is said about it. `=`: the cell before once more.
ROOMS = r"""
GET    /                                                        200   302   302   302   302   302   302   302   302
POST   /                                                        405   405   405   405   405   405   405   405   405
GET    rooms/                                                   login 200   200   200   200   200   200   200   200
POST   rooms/                                                   login 405   405   405   405   405   405   405   405
GET    rooms/<room_id>/                                         login 404   404   404   403   404   200   200   404
POST   rooms/<room_id>/                                         login 405   405   405   405   405   405   405   405
GET    rooms/<room_id>/at/<day>/                                login 404   404   404   403   404   200   200   404
POST   rooms/<room_id>/at/<day>/                                login 405   405   405   405   405   405   405   405
GET    rooms/<room_id>/at/<seq>/                                login 404   404   404   403   404   200   200   404
POST   rooms/<room_id>/at/<seq>/                                login 405   405   405   405   405   405   405   405
GET    rooms/<room_id>/delete/                                  login 404   404   404   403   404   403   200   200
POST   rooms/<room_id>/delete/                                  login 404   404   404   403   404   403   302   302
GET    rooms/<room_id>/favour/                                  login 302   302   302   302   302   302   302   302
POST   rooms/<room_id>/favour/                                  login 404   404   404   403   404   302   302   404
GET    rooms/<room_id>/files/                                   login 404   404   404   403   404   200   200   404
POST   rooms/<room_id>/files/                                   login 405   405   405   405   405   405   405   405
GET    rooms/<room_id>/invitations/                             login 302   302   302   302   302   302   302   302
POST   rooms/<room_id>/invitations/                             login 404   404   404   403   404   403   302   404
GET    rooms/<room_id>/invitations/<invitation_id>/revoke/      login 302   302   302   302   302   302   302   302
POST   rooms/<room_id>/invitations/<invitation_id>/revoke/      login 404   404   404   403   404   403   302   302
GET    rooms/<room_id>/join/                                    login 302   302   302   302   302   302   302   302
POST   rooms/<room_id>/join/                                    login 404   404   404   403   404   302   302   404
GET    rooms/<room_id>/kind/                                    login 404   404   404   403   404   403   200   200
POST   rooms/<room_id>/kind/                                    login 404   404   404   403   404   403   409   409
GET    rooms/<room_id>/leave/                                   login 302   302   302   302   302   302   302   302
POST   rooms/<room_id>/leave/                                   login 404   404   404   403   404   302   409   404
GET    rooms/<room_id>/members/                                 login 302   302   302   302   302   302   302   302
POST   rooms/<room_id>/members/                                 login 404   404   404   403   404   403   302   404
GET    rooms/<room_id>/members/<user_id>/remove/                login 404   404   404   403   404   403   200   200
POST   rooms/<room_id>/members/<user_id>/remove/                login 404   404   404   403   404   403   302   302
GET    rooms/<room_id>/members/<user_id>/role/                  login 302   302   302   302   302   302   302   302
POST   rooms/<room_id>/members/<user_id>/role/                  login 404   404   404   403   404   403   302   302
GET    rooms/<room_id>/mute/                                    login 302   302   302   302   302   302   302   302
POST   rooms/<room_id>/mute/                                    login 404   404   404   403   404   302   302   404
GET    rooms/<room_id>/settings/                                login 404   404   404   403   404   200   200   404
POST   rooms/<room_id>/settings/                                login 404   404   404   403   404   403   302   404
GET    rooms/direct/                                            login 302   302   302   302   302   302   302   302
POST   rooms/direct/                                            login 302   302   302   302   403   302   302   302
GET    rooms/invitations/<code>/                                200   200   200   200   403   200   302   302   200
POST   rooms/invitations/<code>/                                login 302   302   302   403   302   302   302   302
GET    rooms/keys/                                              login 200   200   200   200   200   200   200   200
POST   rooms/keys/                                              login 405   405   405   405   405   405   405   405
GET    rooms/new/                                               login 200   200   200   200   200   200   200   200
POST   rooms/new/                                               login 200   302   302   302   302   302   302   302
GET    api/                                                     404:not_found = = = = = = = =
POST   api/                                                     404:not_found = = = = = = = =
GET    api/blocks                                               401   200   200   200   200   200   200   200   200
DELETE api/blocks/<user_id>                                     401   204   204   204   204   204   204   204   204
PUT    api/blocks/<user_id>                                     401   204   204   204   204   204   204   204   204
POST   api/directs                                              401 200 200 200 200 403:blocked 200 200 200
GET    api/docs                                                 200   200   200   200   200   200   200   200   200
POST   api/docs                                                 200   200   200   200   200   200   200   200   200
GET api/files/<file_id> 401 404:no_such_file = = = = 200 200 404:no_such_file
HEAD api/files/<file_id> 401 404 404 404 404 404 200 200 404
GET    api/files/<file_id>/preview                              401   404:no_such_file = = = = = = =
HEAD api/files/<file_id>/preview 401 404 404 404 404 404 404 404 404
GET api/files/<file_id>/thumbnail 401 404:no_such_file = = = = 200 200 404:no_such_file
HEAD api/files/<file_id>/thumbnail 401 404 404 404 404 404 200 200 404
GET api/files/<file_id>/view 401 404:no_such_file = = = = 200 200 404:no_such_file
HEAD api/files/<file_id>/view 401 404 404 404 404 404 200 200 404
POST   api/guests                                               201 409:signed_in = = = = = = =
GET    api/invitations/<code>                                   401   200   200   200   403   200   200   200   200
POST   api/invitations/<code>/accept                            401   200   200   200   403   200   200   200   200
GET    api/me                                                   401   200   200   200   200   200   200   200   200
PATCH  api/me                                                   401   200   200   200   200   200   200   200   200
DELETE api/me/picture                                           401   200   200   200   200   200   200   200   200
PUT    api/me/picture                                           401   415:no_picture = = = = = = =
GET    api/people/<user_id>/picture                             401   404:no_such_file = = = = = = =
GET    api/v1/asyncapi.json                                     200   200   200   200   200   200   200   200   200
POST   api/v1/asyncapi.json                                     200   200   200   200   200   200   200   200   200
GET    api/openapi.json                                         200   200   200   200   200   200   200   200   200
POST   api/openapi.json                                         200   200   200   200   200   200   200   200   200
POST   api/poll                                                 401   200   200   200   200   200   200   200   200
GET    api/rooms                                                401   200   200   200   200   200   200   200   200
POST   api/rooms                                                401 403:guests_cannot 201 201 201 201 201 201 201
DELETE api/rooms/<room_id>                                      401   404   404   404   403   404   403   204   204
GET    api/rooms/<room_id>                                      401   404   404   404   403   404   200   200   404
PATCH  api/rooms/<room_id>                                      401   404   404   404   403   404   403   200   200
GET    api/rooms/<room_id>/candidates                           401   404   404   404   403   404   403   200   200
GET    api/rooms/<room_id>/export                               401   404   404   404   403   404   403   200   200
GET    api/rooms/<room_id>/files                                401   404   404   404   403   404   200   200   404
POST   api/rooms/<room_id>/files                                401   404   404   404   403   404   201   201   404
DELETE api/rooms/<room_id>/files/<upload_id> 401 404 404 404 403 404 204 404:no_such_file 404
GET api/rooms/<room_id>/files/<upload_id> 401 404 404 404 403 404 200 404:no_such_file 404
HEAD api/rooms/<room_id>/files/<upload_id> 401 404 404 404 403 404 200 404:no_such_file 404
PATCH api/rooms/<room_id>/files/<upload_id> 401 404 404 404 403 404 409:wrong_offset 404:no_such_file 404
POST api/rooms/<room_id>/files/<upload_id>/finish 401 404 404 404 403 404 200 404:no_such_file 404
GET    api/rooms/<room_id>/invitations                          401   404   404   404   403   404   403   200   200
POST   api/rooms/<room_id>/invitations                          401   404   404   404   403   404   403   201   201
DELETE api/rooms/<room_id>/invitations/<invitation_id>          401   404   404   404   403   404   403   204   204
POST   api/rooms/<room_id>/join                                 401   404   404   404   403   404   200   200   404
POST   api/rooms/<room_id>/leave                                401 404 404 404 403 404 204 409:last_admin 404
GET    api/rooms/<room_id>/members                              401   404   404   404   403   404   200   200   404
POST   api/rooms/<room_id>/members                              401   404   404   404   403   404   403   201   201
DELETE api/rooms/<room_id>/members/<user_id>                    401   404   404   404   403   404   403   204   204
PATCH  api/rooms/<room_id>/members/<user_id>                    401   404   404   404   403   404   403   200   200
GET    api/rooms/<room_id>/messages                             401   404   404   404   403   404   200   200   404
POST   api/rooms/<room_id>/messages                             401   404   404   404   403   404   201   201   404
POST   api/rooms/<room_id>/messages/<seq>/report                401   404   404   404   403   404   204   204   404
PATCH  api/rooms/<room_id>/mine                                 401   404   404   404   403   404   200   200   404
GET    api/rooms/<room_id>/pins                                 401   404   404   404   403   404   200   200   404
DELETE api/rooms/<room_id>/pins/<seq>                           401   404   404   404   403   404   403   204   204
PUT    api/rooms/<room_id>/pins/<seq>                           401   404   404   404   403   404   403   204   204
GET    api/rooms/<room_id>/presence                             401   404   404   404   403   404   200   200   404
POST   api/rooms/<room_id>/read                                 401   404   404   404   403   404   204   204   404
"""

# What knows nothing of rooms. Anonymous, guest, everybody else.
SITE = r"""
GET    accounts/                                        login 200   200
POST   accounts/                                        login 405   405
GET    accounts/blocked/                                login 200   200
POST   accounts/blocked/                                login 302   302
GET    accounts/confirm-email/                          200   200   200
POST   accounts/confirm-email/                          405   405   405
GET    accounts/confirm-email/<key>/                    200   200   200
POST   accounts/confirm-email/<key>/                    404   404   404
GET    accounts/data/                                   login 200   200
POST   accounts/data/                                   login 405   405
GET    accounts/data/download/                          login 200   200
POST   accounts/data/download/                          login 405   405
GET    accounts/delete/                                 login 200   200
POST   accounts/delete/                                 login 200   200
GET    accounts/email/                                  login 302   200
POST   accounts/email/                                  login 302   302
GET    accounts/guest/                                  200   302   302
POST   accounts/guest/                                  200   302   302
GET    accounts/inactive/                               200   200   200
POST   accounts/inactive/                               405   405   405
GET    accounts/keep/                                   login 200   302
POST   accounts/keep/                                   login 200   302
GET    accounts/keep/confirm/<token>/                   200   200   200
POST   accounts/keep/confirm/<token>/                   410   410   410
GET    accounts/login/                                  200   302   302
POST   accounts/login/                                  200   302   302
GET    accounts/login/code/confirm/                     login 302   302
POST   accounts/login/code/confirm/                     login 302   302
GET    accounts/logout/                                 302   200   200
POST   accounts/logout/                                 302   302   302
GET    accounts/password/change/                        login 302   200
POST   accounts/password/change/                        login 302   200
GET    accounts/password/reset/                         200   200   200
POST   accounts/password/reset/                         200   200   200
GET    accounts/password/reset/done/                    200   200   200
POST   accounts/password/reset/done/                    405   405   405
GET    accounts/password/reset/key/<uidb36>-<key>/      200   200   200
POST   accounts/password/reset/key/<uidb36>-<key>/      200   200   200
GET    accounts/password/reset/key/done/                200   200   200
POST   accounts/password/reset/key/done/                405   405   405
GET    accounts/password/set/                           login 302   302
POST   accounts/password/set/                           login 302   302
GET    accounts/preferences/                            login 200   200
POST   accounts/preferences/                            login 200   200
GET    accounts/profile/                                login 200   200
POST   accounts/profile/                                login 200   302
GET    accounts/reauthenticate/                         login 200   200
POST   accounts/reauthenticate/                         login 200   200
GET    accounts/sessions/                               login 200   200
POST   accounts/sessions/                               login 302   302
GET    accounts/signup/                                 200   302   302
POST   accounts/signup/                                 200   302   302
GET    accounts/username/                               200   200   200
POST   accounts/username/                               405   405   405
GET    doctor/file                                      404   404   404
POST   doctor/file                                      405   405   405
GET    healthz                                          200   200   200
POST   healthz                                          405   405   405
GET    i18n/setlang/                                    302   302   302
POST   i18n/setlang/                                    302   302   302
GET    readyz                                           200   200   200
POST   readyz                                           405   405   405
GET    setup/<token>/                                   410   410   410
POST   setup/<token>/                                   410   410   410
"""
