"""Translations for a test, compiled the way `msgfmt` does it (GNU gettext manual, "MO Files")."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

_MAGIC = 0x950412DE
_HEADER = struct.Struct("<7I")
_PLACE = struct.Struct("<2I")


def compile_catalogue(folder: Path, locale: str, translations: Mapping[str, str]) -> None:
    """Write a catalogue into a folder for ``LOCALE_PATHS``; ``locale`` as in "zh_Hans"."""
    header = f"Language: {locale}\nContent-Type: text/plain; charset=UTF-8\n"
    entries = sorted(({"": header} | dict(translations)).items())
    originals, words = ([text.encode() for text in column] for column in zip(*entries, strict=True))
    file = folder / locale / "LC_MESSAGES" / "django.mo"
    file.parent.mkdir(parents=True)
    file.write_bytes(_laid_out(originals, words))


def _laid_out(originals: list[bytes], words: list[bytes]) -> bytes:
    count = len(originals)
    second_table = _HEADER.size + count * _PLACE.size
    end_of_tables = second_table + count * _PLACE.size
    places, texts = b"", b""
    for text in (*originals, *words):
        places += _PLACE.pack(len(text), end_of_tables + len(texts))
        texts += text + b"\0"
    header = _HEADER.pack(_MAGIC, 0, count, _HEADER.size, second_table, 0, end_of_tables)
    return header + places + texts
