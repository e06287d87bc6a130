"""The gettext catalogues, read straight from their .po files: nothing to compile, nothing to forget."""

from __future__ import annotations

import contextlib
import gettext
import io
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

LOCALE_DIR = Path(__file__).parent / "locale"
LANGUAGES = ("en", "de")

_language: ContextVar[str] = ContextVar("language", default="en")


def current_language() -> str:
    """Return the language that messages are rendered in, `en` or `de`."""
    return _language.get()


def set_language(language: str) -> None:
    """Set the language for the rest of this process or context."""
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}; known: {', '.join(LANGUAGES)}")
    _language.set(language)


@contextlib.contextmanager
def use_language(language: str) -> Iterator[None]:
    """Render messages in `language` inside the block."""
    before = current_language()
    set_language(language)
    try:
        yield
    finally:
        _language.set(before)


@lru_cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language; English, the language of the sources, has none."""
    path = LOCALE_DIR / language / "LC_MESSAGES" / "workbook.po"
    if language == "en" or not path.exists():
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(text: str, language: str | None = None) -> str:
    """Return the translation of a whole message, or the message where there is none."""
    return translations(language or current_language()).gettext(text) if text else text
