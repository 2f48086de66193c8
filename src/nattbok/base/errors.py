"""The three kinds of trouble that are somebody else's to mend. Our own mistakes are assertions."""

from nattbok.base.words import Words


class NattbokError(Exception):
    """What all three kinds share: a text marked for translation, and the values that stand in it."""

    message = ""

    def __init__(self, **values: object) -> None:
        super().__init__(values)
        self.values = {
            name: value if isinstance(value, int | str) or value is None else str(value)
            for name, value in values.items()
        }

    @property
    def words(self) -> Words:
        """The message, for whoever shows it in the reader's language."""
        return Words(self.message, self.values)

    @property
    def code(self) -> str:
        """The class name, which is also the API's word for this trouble."""
        return type(self).__name__

    def __str__(self) -> str:
        return str(self.words)


class Refused(NattbokError):
    """The person asked for what may not be. Each subclass has its `message`."""


class Unreachable(NattbokError):
    """The other side is silent; trying later may help. Each subclass has its `message`."""


class Unreadable(NattbokError):
    """A file is not as its format says. Nothing of it may be stored as read.

    `where` is the place in the file: a path, a line number, an account.
    """

    def __init__(self, message: str, *, where: str = "", code: str = "unreadable", **values: object) -> None:
        super().__init__(**values)
        self.message = message
        self.where = where
        self.finding_code = code
