"""What is kept of documents: one file for each noun."""

from nattbok.documents.models.documents import Document
from nattbok.documents.models.readings import KeptPage, Reading, SupplierMemory
from nattbok.documents.models.suppliers import SupplierSetting

__all__ = ["Document", "KeptPage", "Reading", "SupplierMemory", "SupplierSetting"]
