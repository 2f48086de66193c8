"""All addresses: each file of pages lists its own."""

from django.urls import include, path

from nattbok.web import login
from nattbok.web.office import (
    approvals,
    bank,
    bank_rules,
    bank_settings,
    clients,
    connections,
    conversion,
    desk,
    document_pictures,
    documents,
    expenses,
    factors,
    files,
    intake,
    ledger,
    office_rules,
    payments,
    people,
    posting_templates,
    recurring,
    robot,
    suppliers,
    trail,
    undo,
    views,
    vouchers,
)
from nattbok.web.portal import approval_links
from nattbok.web.portal import approvals as portal_approvals
from nattbok.web.portal import capture as portal_capture
from nattbok.web.portal import documents as portal_documents
from nattbok.web.portal import expenses as portal_expenses
from nattbok.web.portal import home as portal_home
from nattbok.web.portal import people as portal_people

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
        bank_settings,
        connections,
        conversion,
        factors,
        expenses,
        payments,
        suppliers,
        office_rules,
        vouchers,
        posting_templates,
        recurring,
        views,
        approvals,
        approval_links,
        portal_approvals,
        portal_home,
        portal_documents,
        portal_expenses,
        portal_capture,
        people,
        portal_people,
    )
]

handler400 = "nattbok.web.page.bad_request"
handler403 = "nattbok.web.page.forbidden"
handler404 = "nattbok.web.page.not_found"
handler500 = "nattbok.web.page.failed"
