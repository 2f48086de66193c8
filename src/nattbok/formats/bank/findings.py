"""The findings of a file while it is read."""

from nattbok.formats.finding import Finding, Severity


class Findings(list[Finding]):
    """A list that is written to as `findings.hold("code", "line 7", _("Text with {name}."), name=...)`."""

    def error(self, code: str, where: str, text: str, **values: object) -> None:
        """The file proves wrong: nothing of it is stored."""
        self._add(Severity.ERROR, code, where, text, values)

    def hold(self, code: str, where: str, text: str, **values: object) -> None:
        """It is kept and shown, and nothing of it is posted."""
        self._add(Severity.HOLD, code, where, text, values)

    def note(self, code: str, where: str, text: str, **values: object) -> None:
        """Worth saying; stops nothing."""
        self._add(Severity.NOTE, code, where, text, values)

    def _add(self, severity: Severity, code: str, where: str, text: str, values: dict[str, object]) -> None:
        plain = {
            name: value if isinstance(value, int | str) or value is None else str(value)
            for name, value in values.items()
        }
        self.append(Finding(severity, code, where, text, plain))
