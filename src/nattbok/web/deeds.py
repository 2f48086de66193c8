"""What a form of a page asks for: one of the page's deeds, by its name in the field `do`."""

from collections.abc import Callable, Mapping

from django.http import Http404, HttpRequest, HttpResponse

from nattbok.base.errors import Refused
from nattbok.base.words import Words
from nattbok.clients.rules import NotYourRight

Deed = Callable[..., HttpResponse | None]


def carried_out(
    request: HttpRequest, deeds: Mapping[str, Deed], *given: object
) -> tuple[HttpResponse | None, Words | None]:
    """Do what the form names, with the request and what is `given`: the deed's own answer, if any, and why it
    was refused, if it was. 404 for a deed that the page does not have; a right that is lacking goes on.
    """
    do = deeds.get(request.POST.get("do", ""))
    if do is None:
        raise Http404
    try:
        return do(request, *given), None
    except NotYourRight:
        raise
    except Refused as refused:
        return None, refused.words
