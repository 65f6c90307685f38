"""A file, for ``manage.py doctor``, who asks whether the front can send one."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api.files import answer
from chatsite.files import object_store
from chatsite.files.filetypes import UNKNOWN
from chatsite.ops import front


@never_cache
@require_safe
def file_for_doctor(request: HttpRequest) -> HttpResponseBase:
    """Send the object as members of its room are sent it; only the site's own key opens this door."""
    name = front.name_in(request.headers.get(front.HEADER, ""))
    if name is None:
        raise Http404
    try:
        return answer(request, name, size=object_store.size_of(name), about={"Content-Type": UNKNOWN})
    except object_store.StorageAwayError:
        raise Http404 from None
