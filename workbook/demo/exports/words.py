"""The words of the German Salesforce organisation. What is missing here stays as it is."""

STAGES = {
    "Discovery": "Bedarfsanalyse", "Technical fit": "Technische Klärung", "Proposal": "Angebot",
    "Negotiation": "Verhandlung", "Closed won": "Geschlossen und gewonnen",
    "Closed lost": "Geschlossen und verloren",
    "No decision": "Keine Entscheidung",
}  # fmt: skip
SOURCES = {
    "Web form": "Webformular", "Trade fair": "Messe", "Webinar": "Webinar", "Content download": "Download",
    "Search ads": "Suchanzeigen", "Social ads": "Social Ads", "Referral": "Empfehlung", "Partner": "Partner",
    "Sales outbound": "Kaltakquise", "Tender": "Ausschreibung", "Existing customer": "Bestandskunde",
}  # fmt: skip
REASONS = {
    "Price": "Preis", "Function": "Funktion", "Reference missing": "Referenz fehlt",
    "Relationship": "Beziehung",
    "Delivery time": "Lieferzeit", "Built in-house": "Eigenbau", "No budget": "Kein Budget",
    "Project stopped": "Projekt gestoppt", "No reply": "Keine Rückmeldung",
}  # fmt: skip
COMPETITORS = {"none": "keiner", "In-house build": "Eigenbau"}
INDUSTRIES = {
    "Mechanical engineering": "Maschinenbau", "Packaging machinery": "Verpackungsmaschinen",
    "Automotive supply": "Automobilzulieferer", "Electronics": "Elektronik", "Chemicals": "Chemie",
    "Food and beverage": "Nahrungs- und Genussmittel", "Pharmaceuticals": "Pharma",
    "Water and energy": "Wasser und Energie", "Metalworking": "Metallverarbeitung", "Plastics": "Kunststoff",
    "Logistics": "Logistik", "Retail and e-commerce": "Handel",
}  # fmt: skip
COUNTRIES = {
    "Germany": "Deutschland", "Austria": "Österreich", "Switzerland": "Schweiz",
    "Liechtenstein": "Liechtenstein",
    "Netherlands": "Niederlande", "Belgium": "Belgien", "Luxembourg": "Luxemburg", "Sweden": "Schweden",
    "Denmark": "Dänemark", "Norway": "Norwegen", "France": "Frankreich", "Italy": "Italien",
    "Poland": "Polen",
    "Czechia": "Tschechien",
}  # fmt: skip
TYPES = {"new": "Neukunde", "expansion": "Bestandskunde"}
LEAD_STATES = {
    "open": "Offen",
    "working": "In Bearbeitung",
    "converted": "Konvertiert",
    "rejected": "Nicht qualifiziert",
}
HEADERS = {
    "opportunity_id": "Opportunity-ID", "name": "Opportunity-Name", "account": "Accountname", "type": "Typ",
    "stage": "Phase", "amount": "Betrag", "close": "Schlusstermin", "probability": "Wahrscheinlichkeit (%)",
    "created": "Erstelldatum", "activity": "Letzte Aktivität", "source": "Lead-Quelle",
    "owner": "Opportunity-Inhaber",
    "age": "Alter", "next_step": "Nächster Schritt", "competitor": "Wettbewerber", "reason": "Verlustgrund",
    "lead_id": "Lead-ID", "company": "Firma/Account", "mail": "E-Mail", "lead_source": "Lead-Quelle",
    "lead_owner": "Lead-Inhaber", "state": "Lead-Status", "lead_created": "Erstelldatum",
    "converted": "Konvertierungsdatum", "lead_amount": "Opportunity-Betrag",
    "account_id": "Account-ID", "account_name": "Accountname", "parent": "Übergeordneter Account",
    "industry": "Branche",
    "employees": "Mitarbeiter", "revenue": "Jahresumsatz", "city": "Rechnungsort", "country": "Rechnungsland",
}  # fmt: skip
