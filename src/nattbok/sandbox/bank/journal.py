"""What was asked of a bank, a line of JSON each, in the order it was asked.

Values JSON does not have are objects with one name that begins with "$": {"$date": "2026-11-20"}.
"""

import fcntl
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from nattbok.sandbox.bank.shape import Account, Customer, Reporting

Deed = tuple[str, dict[str, Any]]


class Journal:
    """Deeds, in memory and, where there is a file, in it before they are done. A file has one bank only."""

    def __init__(self, path: Path | None) -> None:
        """Raises ValueError when there is a bank in the file, or another one is kept there."""
        self._lines: list[str] = []
        self._file: BinaryIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = _held(path)
            if self._file.seek(0, os.SEEK_END):
                self._file.close()
                raise ValueError(f"{path} has a bank in it already")

    @classmethod
    def open(cls, path: Path) -> tuple["Journal", list[Deed]]:
        """What was asked so far, and a journal that goes on there; a line cut off at the end is taken away.

        Raises ValueError when a whole line cannot be read, or another bank is kept there.
        """
        file = _held(path)
        try:
            *whole, _cut_off = file.read().split(b"\n")
            deeds = [_deed(line, place) for place, line in enumerate(whole, 1)]
        except ValueError:
            file.close()
            raise
        file.truncate(sum(len(line) + 1 for line in whole))
        made = cls(None)
        made._file = file
        made._lines = [line.decode("utf-8") for line in whole]
        return made, deeds

    @staticmethod
    def deeds(path: Path) -> list[Deed]:
        """What was asked so far, while another may be keeping the file; a line cut off at the end is left."""
        *whole, _cut_off = path.read_bytes().split(b"\n")
        return [_deed(line, place) for place, line in enumerate(whole, 1)]

    def add(self, name: str, about: Mapping[str, Any]) -> None:
        """One more, on the disk when this returns."""
        line = _line(name, about)
        self._lines.append(line)
        if self._file is not None:
            self._file.seek(0, os.SEEK_END)
            self._file.write(f"{line}\n".encode())
            self._file.flush()
            os.fsync(self._file.fileno())

    def copy(self, path: Path) -> None:
        """All of it into a file, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.part")
        unfinished.write_text("".join(f"{line}\n" for line in self._lines), "utf-8")
        os.replace(unfinished, path)

    def close(self) -> None:
        """Let go of the file, which another bank may then keep."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _held(path: Path) -> BinaryIO:
    """The file, held so that no other process writes to it."""
    file = path.open("a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise ValueError(f"{path} is kept by another bank that is running") from None
    file.seek(0)
    return file


def _line(name: str, about: Mapping[str, Any]) -> str:
    return json.dumps([name, _told(about)], ensure_ascii=False, separators=(",", ":"))


def _deed(line: bytes, place: int) -> Deed:
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
