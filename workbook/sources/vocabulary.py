"""What the words of closed categories mean, in English and German, as CRMs and people write them."""

from __future__ import annotations

import re

from workbook.sources.names import normalise
from workbook.sources.stage_words import is_unsettled, spoken_status, words_of

_FILLERS = {
    "closed", "close", "geschlossen", "abgeschlossen", "und", "and", "deal", "deals", "opportunity", "opp", "stage", "phase", "status",
    "stufe", "ist", "is", "als", "as", "the", "verkaufschance", "chance", "auftrag", "geschäft", "projekt", "order",
}  # fmt: skip
_WON = {
    "won", "gewonnen", "win", "gewinn", "erhalten", "erteilt", "beauftragt", "bestellt", "verkauft", "sold", "zuschlag", "closedwon", "signed",
    "unterschrieben", "unterzeichnet", "erfolgreich", "successful", "auftragseingang", "auftrageingegangen", "bestellungeingegangen", "vertragunterschrieben",
    "vertragunterzeichnet", "contractsigned", "orderreceived", "poreceived", "purchaseorderreceived", "awarded", "contractawarded",
}  # fmt: skip
_LOST = {
    "lost", "verloren", "loss", "closedlost", "abgelehnt", "absage", "outsold", "nichtgewonnen", "notwon", "nichterhalten", "verlust", "failed",
    "keinzuschlag", "keinzuschlagerhalten", "zuschlagnichterhalten", "nichterteilt", "nowin", "keinauftrag", "notawarded", "erfolglos", "nichterfolgreich",
    "unsuccessful", "notsuccessful",
}  # fmt: skip
_NO_DECISION = {
    "cancelled", "canceled", "abgebrochen", "storniert",
    "nodecision", "keineentscheidung", "keinprojekt", "noproject", "nichtentschieden", "unentschieden", "ohneentscheidung", "abandoned",
    "keineentscheidunggetroffen", "nodecisionmade", "projekteingestellt", "projectstopped", "projektabgesagt", "statusquo", "undecided",
    "keinbedarfmehr", "closednodecision", "geschlossenkeineentscheidung", "lostnodecision", "verlorenkeineentscheidung", "nodecisionnonresponsive",
}  # fmt: skip
_OPEN = {
    "open", "offen", "inprogress", "inbearbeitung", "onhold", "pausiert", "new", "neu", "prospecting", "akquise", "qualification", "qualifizierung",
    "qualified", "qualifiziert", "needsanalysis", "bedarfsanalyse", "analyse", "valueproposition", "iddecisionmakers", "perceptionanalysis",
    "proposalpricequote", "proposal", "angebot", "angeboterstellt", "angebotabgegeben", "quote", "negotiationreview", "negotiation", "verhandlung",
    "verhandlungprufung", "vertragsverhandlung", "appointmentscheduled", "qualifiedtobuy", "presentationscheduled", "decisionmakerboughtin",
    "contractsent", "engaging", "discovery", "demo", "develop", "propose", "qualify", "identifydecisionmakers", "kontakt", "kontaktaufnahme",
    "contactmade", "demoscheduled", "proposalmade", "negotiationsstarted", "leadin", "erstkontakt", "erstgesprach", "prasentation", "praesentation",
    "pilot", "test", "qualifizierungsphase", "angebotsphase", "verhandlungsphase", "vertragspruefung", "verhandlungpruefung", "erstgespraech",
    "angebotpreisangebot", "wertversprechen", "entscheidungstraegeridentifizieren",
}  # fmt: skip
_UNDECIDED = re.compile(r"\b(no ?decision(?! makers?\b)|keine ?entscheidung)\b")


def status_of(text: str) -> str | None:
    """Return won, lost, no_decision or open for a status or stage whose meaning is plain, else None."""
    key = normalise(text)
    bare = re.sub(r"\d+", "", key)
    is_settled = not is_unsettled(text)
    if is_settled and (bare in _NO_DECISION or _UNDECIDED.search(" ".join(words_of(text)))):
        return "no_decision"
    rest = "".join(normalise(word) for word in re.findall(r"[^\W\d_]+", text.casefold()) if word not in _FILLERS)
    for status, names in (("won", _WON), ("lost", _LOST)) if is_settled else ():
        if {rest, bare} & names or (rest and rest[: len(rest) // 2] * 2 == rest and rest[: len(rest) // 2] in names):
            return status
    if is_settled and rest in _NO_DECISION:
        return "no_decision"
    if bare in _OPEN or rest in _OPEN:
        return "open"
    return spoken_status(text)


NO_COMPETITOR_WORDS = {
    "none", "no", "nein", "kein", "keine", "keiner", "nocompetitor", "keinwettbewerber", "keinwettbewerb", "nocompetition", "ohne",
}  # fmt: skip

_NEW = (
    "newbusiness",
    "newcustomer",
    "newlogo",
    "neugeschaft",
    "neugeschaeft",
    "neukunde",
    "newclient",
    "neu",
    "new",
    "erstauftrag",
    "newbiz",
)
_EXPANSION = (
    "existing", "expansion", "bestand", "upsell", "crosssell", "upgrade", "renewal", "replacement", "erweiterung", "verlangerung",
    "verlaengerung", "addon", "folge", "downgrade", "current", "ersatz",
)  # fmt: skip
_CLOSED: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("opportunities", "business_type"): {"expansion": _EXPANSION, "new": _NEW},
    ("activities", "direction"): {
        "inbound": ("inbound", "in", "eingehend", "incoming", "eingang"),
        "outbound": ("outbound", "out", "ausgehend", "outgoing", "ausgang"),
    },
    ("competitors", "kind"): {"indirect": ("indirect", "indirekt", "substitut"), "direct": ("direct", "direkt")},
    ("competitors", "reach"): {
        "international": ("international", "global", "weltweit"),
        "local": ("local", "lokal", "national", "regional"),
    },
}


def closed_value(frame: str, column: str, text: str) -> str | None:
    """Return the canonical value of a closed category, or None where the word is not known."""
    key = normalise(text)
    for value, words in _CLOSED.get((frame, column), {}).items():
        if key == normalise(value) or any(key.startswith(word) for word in words):
            return value
    return None


def has_vocabulary(frame: str, column: str) -> bool:
    """Tell whether a column is a closed category with a vocabulary."""
    return (frame, column) in _CLOSED
