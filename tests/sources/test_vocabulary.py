"""What statuses and stages mean, as CRMs and firms name them."""

import unicodedata

import pytest

from workbook.sources.vocabulary import status_of

WON = (
    "Won", "won", "Closed Won", "closedwon", "ClosedWon", "closed_won", "Closed - Won", "Closed/Won", "Closed Won (100%)", "Won - 100%", "7 - Won", "S6 Won", "P7: Gewonnen",
    "Won - Won", "Win", "Gewonnen", "GEWONNEN", "Geschlossen und gewonnen", "Geschlossen/gewonnen", "Abgeschlossen - gewonnen", "Als gewonnen geschlossen",
    "Auftrag erhalten", "Auftrag erteilt", "Auftrag gewonnen", "Beauftragt", "Kunde hat beauftragt", "Bestellt", "Verkauft", "Sold", "Signed", "Unterschrieben",
    "Zuschlag", "Zuschlag erhalten", "Zuschlag erteilt", "Zuschlag an uns", "Deal won", "Opportunity won", "Contract won", "Renewal Won", "Upsell won", "Closed Won - Renewal",
    "Closed Won – Onboarding", "Won (signed)", "Won - Confirmed", "Gewonnen (Rahmenvertrag)", "Gewonnen - Bestandskunde", "Gewonnen gegen Wettbewerber", "Won against competitor",
    "Won vs. competition", "Won over a strong competitor", "Gegen Wettbewerb gewonnen", "Gewonnen ohne Wettbewerb", "Won - no competitor", "Im Wettbewerb gewonnen",
    "Gewonnen trotz Konkurrenz", "Gewonnen nach Verhandlung", "Won after long negotiations", "Successfully won", "Vertrag gewonnen", "a) gewonnen", "✅ Won", "Won by us",
    "Contract signed", "Vertrag unterschrieben", "Auftragseingang", "Order received", "Awarded", "Erfolgreich abgeschlossen", "Gewonnener Auftrag", "Gewonnene Opportunity",
    "Pitch gewonnen", "Beauftragt, in Umsetzung", "Gewonnen – in Umsetzung", "Won via tender", "Ausschreibung gewonnen",
)  # fmt: skip
LOST = (
    "Lost", "Closed Lost", "closedlost", "ClosedLost", "Closed_Lost", "Closed Lost (0%)", "0 % verloren", "8 Lost", "Lost - Lost", "Loss", "Out-Sold", "Verloren",
    "Geschlossen und verloren", "Geschlossen/verloren", "Abgelehnt", "Absage", "Angebot abgelehnt", "Quote rejected", "Schriftliche Absage", "Absage Kunde - Preis", "Verlust",
    "Nicht gewonnen", "Not won", "Auftrag nicht erhalten", "Auftrag nicht erteilt", "Kein Zuschlag", "Zuschlag nicht erhalten", "Verloren (nicht gewonnen)", "No win",
    "Lost to competitor", "Lost - Competitor", "Verloren an Wettbewerb", "An Wettbewerber verloren", "Lost against competition", "Lost (competitor won)",
    "Verloren, Wettbewerber hat gewonnen", "Closed Lost – Price", "Verloren – kein Budget", "Lost - no budget", "Lost: not a fit", "Verloren - Funktion fehlt",
    "Lost in negotiation", "Verloren in Verhandlung", "Lost after review", "Auftrag verloren", "Verloren gegangen", "Project lost", "Pilot lost", "Ausschreibung verloren",
    "Won by Competitor", "won by a competitor", "Competitor won", "Competition has won", "Wettbewerber gewonnen", "Wettbewerb hat gewonnen", "Mitbewerber gewinnt",
    "Konkurrenz hat den Auftrag gewonnen", "Gewonnen von Mitbewerber", "Gewonnen durch Konkurrenz", "Zuschlag an Wettbewerber", "Zuschlag an den Mitbewerber",
    "Wettbewerber beauftragt", "Wettbewerber hat Zuschlag erhalten", "Auftrag an Wettbewerber", "Auftrag ging an Konkurrenten", "Zuschlag an anderen Bieter",
    "Anderer Anbieter beauftragt", "Anderweitig beauftragt", "An Wettbewerber vergeben – verloren", "Awarded to competitor", "Gewonnen durch Dritte", "Won by another vendor", "Rival won",
    "Zuschlag an Wettbewerber – verloren", "Mitbewerber erhält Auftrag", "Wettbewerber bekommt Zuschlag", "Competitor was selected", "Customer chose competitor",
    "Entscheidung für Wettbewerber", "Verlorene Chance", "Kein Auftrag", "Not awarded", "Nicht erfolgreich", "Unsuccessful", "Nicht gewonnen - Preis",
)  # fmt: skip
NO_DECISION = ("No decision", "Keine Entscheidung", "Closed - no decision", "Lost - no decision", "Abgebrochen", "Storniert", "Cancelled", "Kein Projekt", "Status quo")
OPEN = (
    "Open", "Offen", "Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers", "Perception Analysis", "Proposal/Price Quote",
    "Negotiation/Review", "Appointment Scheduled", "Qualified To Buy", "Presentation Scheduled", "Decision Maker Bought-In", "Contract Sent", "Lead In", "Contact Made",
    "Demo Scheduled", "Proposal Made", "Negotiations Started", "Qualify", "Develop", "Propose", "In Progress", "On Hold", "Angebot", "Verhandlung", "Bedarfsanalyse", "Akquise",
)  # fmt: skip
NOT_PLAIN = (
    "Zuschlag erwartet", "Zuschlag offen", "Warten auf Zuschlag", "Vor Zuschlag", "Zuschlag in Aussicht", "Zuschlag steht aus", "Zuschlag verschoben", "Unlikely won",
    "Probably won", "Likely won", "Almost won", "To be won", "Soon won", "Won - Pending", "Won (pending signature)", "Won?", "Gewonnen?", "Verloren?", "90 % gewonnen",
    "Won (75%)", "Gewonnen – Verhandlung läuft", "Gewonnen unter Vorbehalt", "Gewonnen (mündlich)", "Mündlich gewonnen", "Verbally won", "Voraussichtlich gewonnen",
    "Wahrscheinlich verloren", "Probably lost", "Likely lost", "Risk of being lost", "soll beauftragt werden", "wird beauftragt", "Soll gewonnen werden", "Bald gewonnen",
    "Fast verloren", "Noch nicht gewonnen", "Not won yet", "Nicht verloren", "Not lost", "Won / Lost review", "Won/Lost", "Gewonnen oder verloren", "Won, then lost",
    "Lost-Reopened", "Re-opened (lost)", "Reaktiviert (verloren)", "Verloren - Reaktivierung", "Nachverfolgung nach Absage", "Win-back (lost)", "Lost – follow up", "Expected win",
    "Lost, revisit next year", "Verloren, Rückgewinnung läuft", "Verloren – Wiedervorlage", "Won - not signed", "Gewonnen, kein Vertrag", "Won - contract sent", "Gewonnen - storniert",
    "Won - cancelled", "Partially won", "Teilweise gewonnen", "Won by Siemens", "Zuschlag an Siemens", "Gewonnen vom Wettbewerb", "Wettbewerb gewonnen", "Competition won", "Gewonnen (Konkurrenz: Siemens)", "No decision maker",
    "Auftrag erwartet", "Beauftragung erwartet", "Teilbeauftragt", "Must win", "Win/Loss", "Lost review", "Lost: pending approval", "Gewonnen - wartet auf Unterschrift",
    "Vom Wettbewerb gewonnen", "Won (competitor)",
    "Competitor lost", "Wettbewerber hat verloren", "Wettbewerber verloren, wir gewonnen", "Zuschlag an Wettbewerber erwartet", "Wettbewerber nicht beauftragt", "Pilot gewonnen",
    "Rechtsanwalt beauftragt", "Rabatt abgelehnt", "Termin abgelehnt", "No decision yet", "Noch keine Entscheidung", "Awaiting decision", "Gewonnen (Prüfung)", "Won – on hold",
    "Forecast: won", "Commit to win", "Closing", "Auftrag", "Klärung", "Kickoff", "Mystery", "", "-", "1", "§§",
)  # fmt: skip
CASES = [
    *((name, status) for status, names in (("won", WON), ("lost", LOST), ("no_decision", NO_DECISION), ("open", OPEN)) for name in names),
    *((name, None) for name in NOT_PLAIN),
]


@pytest.mark.parametrize(("name", "status"), CASES)
def test_only_what_is_plain_has_a_meaning(name, status):
    assert status_of(name) == status
    assert status_of(unicodedata.normalize("NFD", name)) == status
