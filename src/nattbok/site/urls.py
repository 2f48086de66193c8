"""All addresses: each file of pages lists its own."""

from django.urls import include, path

from nattbok.web import login
from nattbok.web.office import (
    bank,
    bank_rules,
    clients,
    connections,
    desk,
    document_pictures,
    documents,
    factors,
    files,
    intake,
    ledger,
    payments,
    robot,
    trail,
    undo,
)
from nattbok.web.portal import home as portal_home

urlpatterns = [
    path("", include(module.urlpatterns))
    for module in (
        login,
        desk,
        clients,
        ledger,
        trail,
        files,
        intake,
        documents,
        document_pictures,
        robot,
        undo,
        bank,
        bank_rules,
        connections,
        factors,
        payments,
        portal_home,
    )
]

handler400 = "nattbok.web.page.bad_request"
handler403 = "nattbok.web.page.forbidden"
handler404 = "nattbok.web.page.not_found"
handler500 = "nattbok.web.page.failed"
