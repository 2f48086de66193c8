"""Views under a name: keep a list as it is shown, rename, share, delete and have back; and choose columns."""

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from nattbok.base.errors import Refused
from nattbok.base.words import Words
from nattbok.clients import actions
from nattbok.clients.queries import ViewRow, list_settings, offices_of, own_views
from nattbok.web.listings import LISTINGS, LONGEST, Listing
from nattbok.web.office.bank_answers import row_id
from nattbok.web.page import NotAsAsked, person_page

CONFLICT = 409
LONGEST_QUERY = 1000  # letters that are kept; cut, it would ask for something else


def _listing(page: str) -> Listing:
    if page not in LISTINGS:
        raise NotAsAsked(written=page[:40])
    return LISTINGS[page]


def _back(request: HttpRequest) -> str:
    """The page that the form stands on, without what its address asks for; never another host's."""
    asked = request.POST.get("back", "").partition("?")[0]
    is_ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if is_ours else "/"


def _query(listing: Listing, request: HttpRequest) -> str:
    """Of what the form says the list is asked by, that which the list knows; refused when it is long."""
    known = {*listing.filters, "order"}
    said = QueryDict(request.POST.get("query", ""))
    kept = QueryDict(mutable=True)
    for name in said:
        if name in known and said[name]:
            kept[name] = said[name].replace("\0", "")[:LONGEST]
    if len(found := kept.urlencode()) > LONGEST_QUERY:
        raise NotAsAsked(written=found[:40])
    return found


@require_POST
@person_page
def keep_view(request: HttpRequest, clients: list) -> HttpResponse:
    """Keep the list as it is shown, under a name; the list with that view."""
    listing, post = _listing(request.POST.get("page", "")), request.POST
    offices = offices_of(request.user) if post.get("share") else []
    here = row_id(post.get("office", ""))
    view = actions.save_view(
        request.user,
        listing.page,
        post.get("name", "")[:200],
        query=_query(listing, request),
        columns=listing.chosen(post.getlist("column")[:50]),
        office=next((office for office in offices if office.pk == here), None),
    )
    if post.get("opens"):
        actions.open_with(request.user, listing.page, view.pk)
    return redirect(f"{_back(request)}?view={view.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@person_page
def views(request: HttpRequest, clients: list) -> HttpResponse:
    """All views of the person, to rename, share, open lists with, delete, and have back."""
    trouble = None
    if request.method == "POST":
        try:
            _carry_out(request)
            return redirect("views")
        except Refused as refusal:
            trouble = refusal.words
    return _page(request, trouble)


def _carry_out(request: HttpRequest) -> None:
    post, person = request.POST, request.user
    view = row_id(post.get("view", ""))
    mine = {each.id: each for each in own_views(person)}
    match post.get("do", ""), view:
        case "restore", int():
            actions.restore_view(person, view)
        case "usual", _number:
            actions.open_with(person, _listing(post.get("page", "")).page, None)
        case _do, number if number not in mine:
            raise Http404
        case "rename", int():
            actions.rename_view(person, view, post.get("name", "")[:200])
        case "share", int():
            wanted = row_id(post.get("office", ""))
            office = next((each for each in offices_of(person) if each.pk == wanted), None)
            actions.share_view(person, view, office)
        case "opens", int():
            actions.open_with(person, mine[view].page, view)
        case "delete", int():
            actions.delete_view(person, view)
        case did, _number:
            raise NotAsAsked(written=did[:40])


def _page(request: HttpRequest, trouble: Words | None) -> HttpResponse:
    mine = own_views(request.user)
    opens = list_settings(request.user, {each.page for each in mine})
    by_page: dict[str, list[tuple[ViewRow, bool]]] = {}
    for each in mine:
        by_page.setdefault(each.page, []).append((each, opens[each.page].view == each.id))
    since = timezone.now() - actions.KEPT_AFTER_DELETION
    gone = [each for each in own_views(request.user, deleted_since=since) if each.page in LISTINGS]
    return render(
        request,
        "office/views/views.html",
        {
            "lists": [(LISTINGS[page], rows) for page, rows in by_page.items() if page in LISTINGS],
            "gone": [(each, LISTINGS[each.page].title) for each in gone],
            "offices": offices_of(request.user),
            "trouble": trouble,
        },
        status=CONFLICT if trouble else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@person_page
def columns(request: HttpRequest, clients: list) -> HttpResponse:
    """The columns of some lists: which the person sees, and in which order; or those of an own view."""
    post = request.POST
    if request.method == "POST":
        listing = _listing(post.get("page", ""))
        asked = None if "reset" in post else post.getlist("column")[:50]
        view = row_id(post.get("view", ""))
        actions.remember_columns(request.user, listing.page, listing.chosen(asked), view=view)
        if not request.htmx:
            return redirect(_back(request))
    pages = post.getlist("shown") or request.GET.getlist("page") or list(LISTINGS)
    given = {
        "lists": _lists(request, [_listing(page) for page in pages[: len(LISTINGS)]]),
        "view": row_id((post or request.GET).get("view", "")),
        "is_fragment": bool(request.htmx),
    }
    return render(request, "office/views/columns.html", given)


def _lists(request: HttpRequest, listings: list[Listing]) -> list[dict]:
    """The lists with all their columns: those that are shown first, in their order."""
    number = row_id((request.POST or request.GET).get("view", ""))
    view = next((each for each in own_views(request.user) if each.id == number), None) if number else None
    kept = list_settings(request.user, [listing.page for listing in listings])
    found = []
    for listing in listings:
        is_of_view = view is not None and view.page == listing.page
        chosen = listing.chosen(view.columns if is_of_view else kept[listing.page].columns)
        rest = [name for name in listing.columns if name not in chosen]
        rows = [
            (name, listing.columns[name], name in chosen, name in listing.fixed) for name in [*chosen, *rest]
        ]
        found.append({"listing": listing, "columns": rows})
    return found


urlpatterns = [
    path("views/", views, name="views"),
    path("views/keep", keep_view, name="keep_view"),
    path("columns/", columns, name="columns"),
]
