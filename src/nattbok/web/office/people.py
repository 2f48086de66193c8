"""A client's own people, as the office lets them in."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_http_methods

from nattbok.clients.models import Client
from nattbok.web import people_list
from nattbok.web.page import client_page


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def people(request: HttpRequest, client: Client) -> HttpResponse:
    """Who has access at the client, with which rights; inviting, changing and letting out."""
    return people_list.page(request, client, "office/people/people.html", "people")


urlpatterns = [path("clients/<id:client_id>/people/", people, name="people")]
