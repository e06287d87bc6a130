"""What the words of a status or stage say together, where no list knows it as a whole: only what is plain is an answer.

Words that doubt or put off make nothing plain. What a rival wins is lost. Before a word for won only few others may stand, since
what limits it stands there; behind a word for lost stand its reasons.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from workbook.sources.names import normalise

_WON = {"won", "gewonnen", "gewonnene", "gewonnener", "gewonnenes"}
_LOST = {"lost", "verloren", "verlorene", "verlorener", "verlorenes"}
_WON_WITH_CARE, _LOST_WITH_CARE = {"beauftragt", "zuschlag"}, {"abgelehnt", "absage", "rejected"}  # said of other things too
_NOT = {"nicht", "not", "never", "nie", "kein", "keine", "keinen", "keiner", "no"}
_DOUBTS = {
    "pending", "open", "opened", "offen", "offene", "offener", "offenes", "wait", "waits", "waiting", "warten", "wartet", "wartend", "likely", "unlikely", "maybe",
    "perhaps", "might", "could", "should", "would", "will", "shall", "be", "soon", "almost", "nearly", "verbal", "verbally", "tentative", "again", "follow", "hold",
    "soll", "sollte", "sollen", "wird", "werden", "koennte", "bald", "fast", "beinahe", "nahezu", "evtl", "ggf", "falls", "sobald", "wieder", "bedingt", "risk", "risiko",
    "gefahr", "droht", "drohend", "previously", "formerly", "ehemals", "vormals", "frueher", "recycle", "recycled", "nurture", "nurturing", "planned", "geplant",
}  # fmt: skip
_DOUBT_ROOTS = re.compile(
    "await|review|expect|erwart|probab|possib|potential|voraussicht|wahrschein|negotiat|verhandl|reopen|reaktiv|reactiv|nachverfolg|nachfass|win ?back|gewinnung|"
    "wiedereroeff|wiedervorlage|wiederaufn|vorbehalt|pruef|follow ?up|recover|reengag|revisit|ausstehend|aussicht|bevorsteh|demnaechst|moeglich|vielleicht|eventuell|"
    "muendlich|vorlaeufig|preliminar|provisional|conditional|prognos|forecast|anticipat|unconfirm|unbestaetigt|verschob|postpon|schwebe|abwart|paused|pausier|progress"
)
_NOT_YET = re.compile(r"\?|\b(yet|noch|bisher|bislang|await\w*|waiting|warten|wartet|pending|ausstehend)\b", re.I)
_UNDOING = re.compile(
    r"\b(steht|laeuft|laufende?|fehlt|missing|unklar|unclear|draft|entwurf|sent|versendet|verschickt|if|wenn|when|once|partial\w*|teilweise|"
    r"\w*klaer\w*|\w*freigabe\w*|approval|storn\w*|cancel\w*|abgebroch\w*|widerruf\w*|zurueck\w*|withdr\w*|revok\w*|terminat\w*|gekuend\w*|churn\w*|contest\w*|"
    r"angefocht\w*|appeal\w*|einspruch)\b"
)
_BEFORE_A_WIN = {
    "closed", "close", "geschlossen", "abgeschlossen", "und", "and", "deal", "deals", "opportunity", "opp", "stage", "phase", "status", "step", "schritt", "stufe", "ist",
    "is", "was", "as", "als", "the", "der", "die", "das", "den", "verkaufschance", "chance", "auftrag", "auftraege", "geschaeft", "projekt", "order", "project", "contract",
    "vertrag", "angebot", "offer", "quote", "proposal", "bid", "tender", "ausschreibung", "business", "account", "kunde", "kunden", "customer", "client", "neukunde",
    "bestandskunde", "new", "neu", "renewal", "upsell", "expansion", "wir", "we", "haben", "hat", "have", "has", "been", "wurde", "final", "finally", "endgueltig",
    "endlich", "fully", "komplett", "complete", "completed", "erfolgreich", "successful", "successfully", "ja", "yes", "bereits", "already", "schriftlich", "schriftliche",
    "formell", "offiziell", "officially", "confirmed", "bestaetigt", "vertrieb", "sales", "pipeline", "ergebnis", "result", "outcome", "pitch", "competitive", "ii", "iii", "iv", "vi", "vii",
    "viii", "ix", "done", "ende", "end",
}  # fmt: skip
_BEHIND_WITH_CARE = _BEFORE_A_WIN | {"erhalten", "erteilt", "bekommen", "an", "durch", "von", "vom", "by", "to", "uns", "us", "unterschrieben", "signed", "received", "in", "umsetzung"}

_FIRM = r"(?:vendor|supplier|bidder|provider|company|party|firm|anbieter|lieferant|bieter|firma|unternehmen|partner|dienstleister|hersteller)\w{0,2}"
_RIVAL = (
    rf"(?:competitors?|competition|(?:wettbewerb|mitbewerb|konkurren)\w{{0,4}}|rivals?|(?:an)?other {_FIRM}|others|andere[rnms]?(?: {_FIRM})?|anderweitig|dritte[rn]?"
    r"|third part(?:y|ies)|some(?:one|body) else|elsewhere)"
)
_LINK = r"(?: (?:a|an|the|our|ein|einen|einem|den|dem|der|die|unser|unseren|strong|starken?|hat|has|have|haben|wurde|was|is|ist|als|been|auftrag|zuschlag|order|deal|project|projekt))*"
_WITHOUT_RIVAL = re.compile(rf"\b(?:gegen|against|vs|versus|over|ueber|from|trotz|despite|ohne|without|no|keine?|im|in|vor){_LINK} {_RIVAL}\b")
_RIVAL_WON = re.compile(
    rf"\b{_RIVAL}{_LINK} (?:won|wins|gewonnen|gewinnt|beauftragt|zuschlag|awarded|vergeben|selected|chosen|bekommt|bekam|erhaelt|erhielt|got|gets)\b"
    rf"|\b(?:chose|went with|entscheidung fuer|entschieden fuer|sich fuer){_LINK} {_RIVAL}\b"
    rf"|\b(?:won|gewonnen|zuschlag|awarded|vergeben|vergabe|beauftragt|auftrag|order|deal|projekt|project)(?: (?:ging|geht|went|goes|erteilt|vergeben|awarded|lost))?"
    rf" (?:by|to|durch|von|vom|an|beim?){_LINK} {_RIVAL}\b"
)
_EITHER_WON = re.compile(  # won from a rival, or by it; won a contest, or by those in it
    rf"\bvo[nm]{_LINK} {_RIVAL}{_LINK} (?:won|gewonnen)\b|\bgewonnen vom {_RIVAL}\b|\b(?:competition|wettbewerb) (?:won|gewonnen)\b"
)
_RIVAL_LOST = re.compile(rf"(?<!\ban )(?<!\bto )\b{_RIVAL}{_LINK} (?:lost|verloren)\b")
_OTHERS_WON = re.compile(r"\b(?:won|gewonnen|zuschlag|beauftragt)(?: (?:erteilt|geht|ging))? (?:by|durch|von|vom|an|to) (?!uns?\b|us\b|our\b|wir\b|unser|kunden?\b|customer\b|client\b)")
_NOT_WON = re.compile(r"\b(?:nicht|not|never|nie|keinen?) (?:won|gewonnen|zuschlag)\b(?: erhalten)?|\bzuschlag nicht(?: erhalten)?")
_LATE = re.compile(
    r"\b(lost|verloren) (?:in|im|at|during|bei|beim)(?: (?:der|dem|the))? (?:\w*verhandlung\w*|negotiations?)\b"
    r"|\b(won|gewonnen|lost|verloren) (?:after|nach)(?: (?:der|dem|the|long|langer))* (?:\w*verhandlung\w*|negotiations?|\w*pruefung|reviews?)\b"
)


def spoken_status(text: str) -> str | None:
    """Return won or lost where the words of a status or stage say so plainly, else None."""
    if is_unsettled(text):
        return None
    said = _LATE.sub(r"\1\2", " ".join(words_of(text)))
    said = _NOT_WON.sub("lost", _WITHOUT_RIVAL.sub("", said))
    words = said.split()
    if not _DOUBTS.isdisjoint(words) or _DOUBT_ROOTS.search(said) or _EITHER_WON.search(said):
        return None
    is_rivals = _RIVAL_WON.search(said) is not None
    won, lost = _first(words, _WON | _WON_WITH_CARE), _first(words, _LOST | _LOST_WITH_CARE)
    if lost is not None:
        is_one = won is None or is_rivals
        return "lost" if is_one and not _RIVAL_LOST.search(said) and _is_plain_loss(words, lost) else None
    if is_rivals:
        return "lost" if _NOT.isdisjoint(words) else None
    return "won" if won is not None and not re.search(rf"\b{_RIVAL}\b", said) and _is_plain_win(words, won) else None


def is_unsettled(text: str) -> bool:
    """Tell whether a text asks, puts off, or gives a chance between 0 and 100 %: whatever else it says has not happened."""
    return _NOT_YET.search(text) is not None or not {"0", "100"}.issuperset(re.findall(r"(\d+)(?:[.,]\d+)?\s*%", text))


def words_of(text: str) -> list[str]:
    """Return the words of a text, `ClosedWon` and `closed_won` being two each; marks and digits part them."""
    parted = re.sub(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])", " ", unicodedata.normalize("NFC", text))
    return [normalise(word) for word in re.findall(r"[^\W\d_]+", parted)]


def _first(words: Sequence[str], wanted: set[str]) -> int | None:
    return next((at for at, word in enumerate(words) if word in wanted), None)


def _is_plain_loss(words: Sequence[str], at: int) -> bool:
    """Tell whether nothing before the word denies it; one that is said of other things too stands behind harmless words only."""
    before = words[:at]
    return _NOT.isdisjoint(before) and (words[at] in _LOST or all(_is_harmless(word) for word in before))


def _is_plain_win(words: Sequence[str], at: int) -> bool:
    """Tell whether nothing limits a win, denies it, takes it back, or gives it to others."""
    said = " ".join(words)
    behind = words[at + 1 :]
    is_clear = words[at] in _WON or all(_is_harmless(word, _BEHIND_WITH_CARE | _WON | _WON_WITH_CARE) for word in behind)
    return is_clear and all(map(_is_harmless, words[:at])) and _NOT.isdisjoint(behind) and not _UNDOING.search(said) and not _OTHERS_WON.search(said)


def _is_harmless(word: str, known: set[str] = _BEFORE_A_WIN) -> bool:
    return len(word) == 1 or word in known
