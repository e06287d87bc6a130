"""Words and numbers of the report, in the reader's language.

A `Message` is a sentence not yet put into a language: analyses return messages, pages and figures render them.
`msg("{rate} of {n} deals were won", rate=share(0.632), n=6711)` renders to "63.2% of 6,711 deals were won" or
"63,2 % von 6.711 Deals wurden gewonnen". Bare floats are refused: a number in a sentence needs its unit.
"""

from workbook.text.catalogue import LANGUAGES, current_language, translate, use_language
from workbook.text.message import Message, msg, nmsg, printable, render, sentence, t
from workbook.text.quantity import (
    Quantity,
    Span,
    count,
    day,
    days,
    estimated,
    index,
    money,
    money_per_day,
    month,
    number,
    points,
    quantity,
    quarter,
    ratio,
    share,
    span,
)

__all__ = [
    "LANGUAGES",
    "Message",
    "Quantity",
    "Span",
    "count",
    "current_language",
    "day",
    "days",
    "estimated",
    "index",
    "money",
    "money_per_day",
    "month",
    "msg",
    "nmsg",
    "number",
    "points",
    "printable",
    "quantity",
    "quarter",
    "ratio",
    "render",
    "sentence",
    "share",
    "span",
    "t",
    "translate",
    "use_language",
]
