"""How the JSON API says no: always one object ``{code, detail}`` with the fitting status."""

import logging
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from accounts.errors import AccountError
from chatsite.files.object_store import StorageAwayError
from chatsite.http.request_checks import JSON_DOORS
from rooms.errors import RoomError, TryAgain

logger = logging.getLogger(__name__)


def problem(code: str, detail: str, status: int, **more: object) -> JsonResponse:
    """Return a refusal as an answer; ``retry_after`` (seconds) among ``more`` becomes a header, too."""
    headers = {"Retry-After": str(more["retry_after"])} if "retry_after" in more else {}
    if status == HTTPStatus.UNAUTHORIZED:
        # Not Basic, for which a browser would ask in a window of its own.
        headers["WWW-Authenticate"] = 'Bearer realm="chatsite"'
    return JsonResponse({"code": code, "detail": detail, **more}, status=status, headers=headers)


def sentence_for(status: int) -> tuple[str, str]:
    """Return code and sentence for a refusal that knows its status only."""
    sentences = sentences_by_status()
    phrase = HTTPStatus(status).phrase
    return sentences.get(status, (phrase.lower().replace(" ", "_"), f"{phrase}."))


def sentences_by_status() -> dict[int, tuple[str, str]]:
    """Return the code and the sentence of each status that something below the API answers by itself."""
    return {
        400: ("bad_request", _("This request cannot be understood. Send what the document at /api/docs describes.")),
        401: ("signed_out", _("You are not signed in. Log in to go on.")),
        403: ("forbidden", _("This request was refused. Reload the page and try again.")),
        404: ("not_found", _("There is nothing at this address.")),
        405: ("method_not_allowed", _("This address does not take that method.")),
        415: ("no_json", _("This address takes JSON: send it as application/json.")),
        413: ("too_large", _("That is more than one request may carry. Send it in parts.")),
        431: ("header_too_large", _("A header of this request is longer than any that means something here.")),
        429: ("too_fast", _("That was too often. Wait a moment and try again.")),
        503: (TryAgain.code, str(TryAgain())),
        500: ("internal", _("The site made a mistake. It has been noted; please try again in a moment.")),
    }


def install(api: NinjaAPI) -> None:
    """Have every refusal that ninja or an action raises answered as a problem."""

    @api.exception_handler(RoomError)
    def refuse(request: HttpRequest, error: RoomError) -> JsonResponse:
        return problem(error.code, str(error), error.status, **error.more)

    @api.exception_handler(AccountError)
    def refuse_account(request: HttpRequest, error: AccountError) -> JsonResponse:
        more = {"retry_after": error.retry_after} if error.retry_after else {}
        return problem(error.code, str(error), error.status, **more)

    @api.exception_handler(OperationalError)
    @api.exception_handler(InterfaceError)
    def try_again(request: HttpRequest, error: Exception) -> JsonResponse:
        # No mistake of the site's: its database is away, and the same call may succeed when it is back.
        logger.warning("The database did not answer: %s", error)
        return problem(TryAgain.code, str(TryAgain()), TryAgain.status)

    @api.exception_handler(StorageAwayError)
    def storage_away(request: HttpRequest, error: Exception) -> JsonResponse:
        logger.warning("The storage did not answer: %r", error.__cause__)
        return problem(TryAgain.code, str(TryAgain()), TryAgain.status)

    @api.exception_handler(RequestDataTooBig)
    def too_large(request: HttpRequest, error: Exception) -> JsonResponse:
        return problem(*sentence_for(413), 413)

    @api.exception_handler(AuthenticationError)
    def sign_in(request: HttpRequest, error: AuthenticationError) -> JsonResponse:
        return problem(*sentence_for(401), 401)

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> JsonResponse:
        return problem(*sentence_for(error.status_code), error.status_code)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> JsonResponse:
        fields: dict[str, list[str]] = {}
        for fault in error.errors:
            # The location begins with where the value came from: query, path, or body and the parameter's name.
            where = [str(part) for part in fault["loc"]]
            fields.setdefault(where[-1] if where else "", []).append(fault["msg"])
        detail = _("Some values are missing or not as they should be: %(names)s.") % {"names": ", ".join(fields)}
        return problem("invalid", detail, 422, fields=fields)


class ApiProblemMiddleware(MiddlewareMixin):
    """Give what Django itself refuses to programs (no such address, wrong method, too large) the same shape."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_problem = response.headers.get("Content-Type", "").startswith("application/json")
        if response.status_code < 400 or not request.path.startswith(JSON_DOORS) or is_problem:
            return response
        answer = problem(*sentence_for(response.status_code), response.status_code)
        for name in ("Allow", "Accept"):
            if name in response.headers:
                answer.headers[name] = response.headers[name]
        return answer
