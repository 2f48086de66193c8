"""What is kept of documents: one file for each noun."""

from nattbok.documents.models.answers import AnswerSetting, SellerAnswer
from nattbok.documents.models.approval import (
    Absence,
    Approval,
    ApprovalFlow,
    Asked,
    Remark,
    Responsible,
)
from nattbok.documents.models.controls import Control, Returned
from nattbok.documents.models.directory import DirectoryLook, EInvoiceRequest
from nattbok.documents.models.documents import Document
from nattbok.documents.models.lessons import Lesson
from nattbok.documents.models.office_rules import OfficeRule, OfficeRuleVersion
from nattbok.documents.models.portal import Gathered
from nattbok.documents.models.readings import KeptPage, Reading, SearchablePdf, SupplierMemory
from nattbok.documents.models.suppliers import CodingPractice, SupplierSetting

__all__ = [
    "Absence",
    "AnswerSetting",
    "Approval",
    "ApprovalFlow",
    "Asked",
    "CodingPractice",
    "Control",
    "DirectoryLook",
    "Document",
    "EInvoiceRequest",
    "Gathered",
    "KeptPage",
    "Lesson",
    "OfficeRule",
    "OfficeRuleVersion",
    "Reading",
    "Remark",
    "Responsible",
    "Returned",
    "SearchablePdf",
    "SellerAnswer",
    "SupplierMemory",
    "SupplierSetting",
]
