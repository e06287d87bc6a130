"""Invented company names and cities.

Some names are nasty on purpose: umlauts, an ampersand, mark-up, an emoji.
"""

from __future__ import annotations

from workbook.demo.draw import Rng

FAMILY_NAMES = (
    "Müller", "Kranich", "Oberhofer", "Lüders", "Brandtner", "Hössler", "Wagenknecht", "Thalmeier",
    "Ziegenhain",
    "Krößmann", "Petersen", "Rühmkorf", "Achterberg", "Dornseif", "Ehrenfeld", "Fassbinder", "Grünwald",
    "Haberkorn",
    "Immler", "Jansky", "Kettler", "Löwenstein", "Mittermaier", "Nagelschmidt", "Oppermann", "Pfisterer",
    "Quandel",
    "Rosshaupt", "Schäuffele", "Tiedemann", "Uhlenbrock", "Vossbeck", "Weißhaupt", "Zellinger", "Auerswald",
    "Birkenstock-Hein", "Castrop", "Deichmüller", "Eisvogel", "Feuerlein", "Gallwitz", "Hirschauer",
    "Isenbüttel",
    "Jagemann", "Kolbermoor", "Lindqvist", "Mørkved", "Nygård", "Østergren", "Söderfors", "Van Houtven",
    "De Raedt",
    "Verhaegen", "Brouwerse", "Lefèvrier", "Chantournay", "Morelloni", "Bassanetti", "Kowalczewski",
    "Novotnik",
)  # fmt: skip

TRADES = {
    "Mechanical engineering": ("Maschinenbau", "Sondermaschinen", "Werkzeugmaschinen", "Anlagentechnik"),
    "Packaging machinery": ("Verpackungstechnik", "Abfülltechnik", "Packsysteme"),
    "Automotive supply": ("Fahrzeugteile", "Automotive", "Zulieferwerke"),
    "Electronics": ("Elektronik", "Baugruppen", "Leiterplatten"),
    "Chemicals": ("Chemie", "Lackwerke", "Spezialchemie"),
    "Food and beverage": ("Molkerei", "Getränke", "Feinkost", "Backwaren"),
    "Pharmaceuticals": ("Pharma", "Arzneimittel", "Biotech"),
    "Water and energy": ("Wasserwerke", "Stadtwerke", "Energietechnik"),
    "Metalworking": ("Metallbau", "Drehteile", "Blechtechnik", "Zerspanung"),
    "Plastics": ("Kunststofftechnik", "Spritzguss", "Folien"),
    "Logistics": ("Logistik", "Fördertechnik", "Lagersysteme"),
    "Retail and e-commerce": ("Handel", "Versand", "Großhandel"),
}

LEGAL_FORMS = {
    "Germany": ("GmbH", "GmbH & Co. KG", "AG", "KG", "GmbH"),
    "Austria": ("GmbH", "GesmbH", "AG"),
    "Switzerland": ("AG", "GmbH", "SA"),
    "Liechtenstein": ("AG",),
    "Netherlands": ("B.V.", "N.V."),
    "Belgium": ("NV", "BV", "SA"),
    "Luxembourg": ("S.à r.l.", "S.A."),
    "Sweden": ("AB",),
    "Denmark": ("A/S", "ApS"),
    "Norway": ("AS",),
    "France": ("SAS", "SARL", "SA"),
    "Italy": ("S.r.l.", "S.p.A."),
    "Poland": ("Sp. z o.o.", "S.A."),
    "Czechia": ("s.r.o.", "a.s."),
}

CITIES = {
    "Bavaria": ("München", "Nürnberg", "Augsburg", "Würzburg", "Ingolstadt"),
    "Baden-Württemberg": ("Stuttgart", "Ulm", "Karlsruhe", "Tübingen", "Göppingen"),
    "Rhine-Ruhr": ("Köln", "Düsseldorf", "Bielefeld", "Münster", "Dortmund"),
    "North Germany": ("Hamburg", "Bremen", "Lübeck", "Hannover", "Osnabrück"),
    "East Germany": ("Dresden", "Leipzig", "Jena", "Zwickau", "Schwerin"),
    "Germany": ("München", "Stuttgart", "Köln", "Hamburg", "Dresden"),
    "Austria": ("Linz", "Graz", "Wien", "Wels"),
    "Switzerland": ("Zürich", "Winterthur", "Genève", "Bern"),
    "Liechtenstein": ("Schaan",),
    "Netherlands": ("Eindhoven", "Utrecht", "Zwolle"),
    "Belgium": ("Gent", "Liège", "Leuven"),
    "Luxembourg": ("Esch-sur-Alzette",),
    "Sweden": ("Göteborg", "Västerås", "Malmö"),
    "Denmark": ("Aarhus", "Odense", "København"),
    "Norway": ("Trondheim", "Tromsø"),
    "France": ("Lyon", "Lille", "Orléans", "Besançon"),
    "Italy": ("Bologna", "Torino", "Vicenza"),
    "Poland": ("Katowice", "Gliwice"),
    "Czechia": ("Brno", "Praha"),
}

NASTY = (
    "Müller & Söhne Anlagenbau GmbH",
    "<b>Fett</b> Maschinenbau GmbH",
    "Kontur {digital} Systeme GmbH",
    'Schäfer "Präzision" Werkzeuge KG',
    "O'Dalaigh Metal Works GmbH",
)
WORKSHOPS = ("Mechanical engineering", "Metalworking")
EMOJI = "Robotik \N{ROBOT FACE} Werkstatt GmbH"


def company_names(rng: Rng, industries: list[str], countries: list[str]) -> list[str]:
    """Return one unique name per company; the first few of German companies are the nasty ones."""
    seen: set[str] = set()
    nasty = list(NASTY)
    names = []
    for industry, country in zip(industries, countries, strict=True):
        is_nasty = nasty and country == "Germany" and industry in WORKSHOPS
        name = nasty.pop(0) if is_nasty else _new_name(rng, industry, country, seen)
        seen.add(_plain(name))
        names.append(name)
    return names


def _new_name(rng: Rng, industry: str, country: str, seen: set[str]) -> str:
    """Draw until the name is new, case and points aside; doubles get a second family name."""
    trade = TRADES[industry][rng.integers(len(TRADES[industry]))]
    form = LEGAL_FORMS[country][rng.integers(len(LEGAL_FORMS[country]))]
    family = FAMILY_NAMES[rng.integers(len(FAMILY_NAMES))]
    name = f"{family} {trade} {form}"
    while _plain(name) in seen:
        second = FAMILY_NAMES[rng.integers(len(FAMILY_NAMES))]
        name = f"{family} + {second} {trade} {form}" if second != family else name
    return name


def _plain(name: str) -> str:
    """A name without case, blanks and points: `S.A.` and `SA` are no difference between two companies."""
    return "".join(c for c in name.casefold() if c.isalnum())
