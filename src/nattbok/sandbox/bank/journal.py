"""What was asked of a bank, a line of JSON each, in the order it was asked.

Values JSON does not have are objects with one name that begins with "$": {"$date": "2026-11-20"}.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from nattbok.sandbox.bank.shape import Account, Customer, Reporting

Deed = tuple[str, dict[str, Any]]


class Journal:
    """Deeds, in memory and, where there is a file, in it before they are done."""

    def __init__(self, path: Path | None) -> None:
        self._lines: list[str] = []
        self._path = path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and path.stat().st_size:
                raise ValueError(f"{path} has a bank in it already")

    @classmethod
    def of(cls, path: Path, deeds: list[Deed]) -> "Journal":
        """One that goes on where a file ends; a line cut off at its end is taken away."""
        made = cls(None)
        made._path = path
        made._lines = [_line(name, about) for name, about in deeds]
        made.copy(path)
        return made

    @staticmethod
    def deeds(path: Path) -> list[Deed]:
        """All whole lines of a file. Raises ValueError when one before the last cannot be read."""
        lines = path.read_text("utf-8").split("\n")
        whole = lines[:-1]  # what stands after the last line end was cut off
        return [_deed(line, place) for place, line in enumerate(whole, 1)]

    def add(self, name: str, about: Mapping[str, Any]) -> None:
        """One more, on the disk when this returns."""
        line = _line(name, about)
        self._lines.append(line)
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())

    def copy(self, path: Path) -> None:
        """All of it into a file, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.part")
        unfinished.write_text("".join(f"{line}\n" for line in self._lines), "utf-8")
        os.replace(unfinished, path)


def _line(name: str, about: Mapping[str, Any]) -> str:
    return json.dumps([name, _told(about)], ensure_ascii=False, separators=(",", ":"))


def _deed(line: str, place: int) -> Deed:
    try:
        name, about = json.loads(line)
        return name, _meant(about)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"line {place} of the journal cannot be read: {error}") from None


def _told(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"$amount": str(value)}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, bytes):
        return {"$bytes": b64encode(value).decode("ascii")}
    if isinstance(value, Customer):
        return {"$customer": _told(asdict(value))}
    if isinstance(value, Account):
        return {"$account": _told(asdict(value))}
    if isinstance(value, Mapping):
        return {str(name): _told(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_told(one) for one in value]
    return value


def _meant(value: Any) -> Any:
    if isinstance(value, list):
        return [_meant(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, one),) = value.items()
        match name:
            case "$amount":
                return Decimal(one)
            case "$date":
                return date.fromisoformat(one)
            case "$bytes":
                return b64decode(one)
            case "$customer":
                about = _meant(one)
                for field in ("public_keys", "tokens"):
                    about[field] = tuple(about[field])
                return Customer(**{**about, "reporting": Reporting(**about["reporting"])})
            case "$account":
                return Account(**_meant(one))
    return {name: _meant(one) for name, one in value.items()}
