"""What was seen on the pages of pictures and PDFs, and what is remembered of each supplier's papers."""

from django.db import models

from nattbok.db.fields import ClientKey, SameClient
from nattbok.documents.models.documents import Document, of_client
from nattbok.files.models import File
from nattbok.trail.models import Act


class KeptPage(models.Model):
    """A page of a picture or PDF as it was read, upright: its words with their places. Pages count from 0."""

    client = of_client()
    file = ClientKey(File)
    number = models.PositiveIntegerField()
    width = models.DecimalField(
        max_digits=12, decimal_places=3, help_text="points of a text layer, pixels of a picture"
    )
    height = models.DecimalField(max_digits=12, decimal_places=3)
    source = models.CharField(max_length=20, help_text="text, ocr_tiny, ocr_small")
    turned = models.PositiveSmallIntegerField(help_text="degrees clockwise that it was turned when scanned")
    sharpness = models.DecimalField(
        max_digits=5, decimal_places=4, help_text="0 to 1: how much of the picture can be read at all"
    )
    words = models.JSONField(help_text="[text, left, top, right, bottom, sureness, lean]; shares of the page")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "file", "number"], name="kept_page_once"),
            SameClient("file", name="kept_page_file_same_client"),
        ]


class Reading(models.Model):
    """That a document is read from its pages: how often it was begun, when it was done, if it taught."""

    client = of_client()
    document = ClientKey(Document)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="begun, also those cut short")
    seconds = models.DecimalField(max_digits=10, decimal_places=3, null=True, help_text="that it took")
    read_at = models.DateTimeField(null=True)
    taught_at = models.DateTimeField(null=True, help_text="when its supplier's memory had learnt from it")
    copies_wanted = models.PositiveSmallIntegerField(
        default=0,
        help_text="how often the making of its searchable PDF may be begun; 0: made, given up or not wanted",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "document"], name="reading_once"),
            SameClient("document", name="reading_document_same_client"),
        ]
        indexes = [
            models.Index(
                fields=["client"],
                name="reading_untaught",
                condition=models.Q(read_at__isnull=False, taught_at__isnull=True),
            ),
            models.Index(fields=["client"], name="reading_uncopied", condition=models.Q(copies_wanted__gt=0)),
        ]


class SearchablePdf(models.Model):
    """The searchable PDF of a paper: made once of some pages of a file, kept beside it and never changed."""

    client = of_client()
    file = ClientKey(File, help_text="the paper as it came")
    first_page = models.PositiveIntegerField(help_text="from 0, as the document has it")
    last_page = models.PositiveIntegerField(null=True, help_text="null: the file's last")
    made = ClientKey(File, help_text="the searchable PDF")
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "file", "first_page", "last_page"],
                name="searchable_pdf_once",
                nulls_distinct=False,
            ),
            SameClient("file", name="searchable_pdf_file_same_client"),
            SameClient("made", name="searchable_pdf_made_same_client"),
            SameClient("act", name="searchable_pdf_act_same_client"),
        ]


class SupplierMemory(models.Model):
    """What confirmed documents have taught of a supplier's papers; several layouts lie in one memory."""

    client = of_client()
    supplier_key = models.CharField(max_length=40, help_text="its organisation number, digits only")
    name = models.CharField(max_length=200, blank=True, help_text="as confirmed")
    documents = models.PositiveIntegerField(help_text="how many have taught it")
    traces = models.JSONField(help_text="what stands around each value: see reading.memory.Memory.as_json")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "supplier_key"], name="supplier_memory_once"),
        ]
