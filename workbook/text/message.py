"""Sentences not yet put into a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from workbook.text.catalogue import current_language, translations, use_language
from workbook.text.quantity import Quantity, Span, count, day


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence with named places. `id` is its English text and its key in the catalogues.

    args: what fills the places: text (taken as it is), whole numbers, dates, `Quantity`, `Span`, other messages, or
    tuples of these (listed with commas). plural: the English plural, chosen by `number`.
    """

    id: str
    args: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    plural: str | None = None
    number: int = 1

    def __str__(self) -> str:
        return render(self)


def msg(id: str, /, **args: object) -> Message:
    """Return a message; Babel's extractor collects the first argument."""
    for name, value in args.items():
        if isinstance(value, float):
            raise TypeError(f"{name}={value!r} has no unit: wrap it in share(), money(), days(), number(), …")
    return Message(id, MappingProxyType(dict(args)))


def nmsg(singular: str, plural: str, n: int, /, **args: object) -> Message:
    """Return a message with a plural form chosen by n, which also fills the place {n}."""
    return Message(singular, MappingProxyType({"n": int(n), **args}), plural, int(n))


def render(value: object, language: str | None = None) -> str:
    """Write a message, quantity, date, number or plain text in a language (default: the current one)."""
    if language is not None and language != current_language():
        with use_language(language):
            return render(value)
    if isinstance(value, Message):
        return _render_message(value)
    if isinstance(value, Quantity | Span):
        return value.text()
    if isinstance(value, tuple | list):
        return ", ".join(render(item) for item in value)
    if isinstance(value, bool):
        return render(msg("yes") if value else msg("no"))
    if isinstance(value, int):
        return count(value).text()
    if isinstance(value, date):
        return day(value).text()
    return "" if value is None else printable(str(value))


def _render_message(message: Message) -> str:
    catalogue = translations(current_language())
    if message.plural is not None:
        pattern = catalogue.ngettext(message.id, message.plural, message.number)
    else:
        pattern = catalogue.gettext(message.id) if message.id else ""
    if not message.args:
        return pattern
    return pattern.format(**{name: render(value) for name, value in message.args.items()})


def printable(text: str) -> str:
    """Return a text that can be written: bytes of a file's name that are no UTF-8 are spelled out, as in `\\udcfc`."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def sentence(words: str) -> str:
    """Return words as a sentence: a capital in front, a full stop behind."""
    words = words.strip()
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?", "…")) else ".")


def t(id: str, /, **args: object) -> str:
    """Write a message in the current language at once: for tables and figures, which are drawn in one language."""
    return render(msg(id, **args))
