"""Words by which a heading or a cell tells that it is about persons, in English and German, as `snake_case` writes headings."""

from __future__ import annotations

_INFLECTED = "(s|n|in|innen|e|er|r)?"
# the head of a heading wherever it stands in it; German compounds end with it
_ONE_WORD = (
    r"(sales_?)?(owners?|reps?|representatives?|sellers?)|sales(person|people|man|agent|manager)|assignees?|assigned|creator|approver|requester|requestor|"
    r"(k|s|b|c)am|adm|sdr|bdr|csm|\w*owner(id|name|alias)|(account|deal|opportunity|lead|record|contact|company|customer|hubspot)owner|(user|employee|person|contact)(id|name)|"
    r"\w*(inhaber|besitzer|eigentuemer|verkaeufer|vertriebler|beauftragte|betreuer|ansprechpartner|ansprechperson|kontaktperson|bearbeiter|"
    r"aussendienstler|handelsvertreter|fachberater|kundenberater|verkaufsberater|vertriebsberater|vertriebsvertreter|gebietsvertreter)" + _INFLECTED +
    r"|vertreter|ersteller|\w+mitarbeiter(in|innen)?|geschaeftsfuehrer(in)?|(vertriebs|verkaufs|projekt|team|gebiets|regional|bereichs|abteilungs|niederlassungs)leiter(in)?"
    r"|\w*(mitarbeiter|benutzer|kontakt|person|partner|inhaber|besitzer|verkaeufer|betreuer|vertreter|bearbeiter)(name|nummer|nr|id|kuerzel|email|mail|telefon)"
)  # fmt: skip
_SEVERAL_WORDS = (
    r"(account|sales|customer|success|area|regional|relationship|project|channel|partner|deal|case|proposal|field|inside|pre)_"
    r"(manager|executive|director|engineer|consultant|agent|associate|specialist|person)|(first|last|given|family|middle|full|contact|user|employee|person|sur)_?name|"
    r"(sales|assigned|owning|responsible|created|modified|crm)_user|vorname|nachname|familienname|surname|decision_maker_name"
)  # fmt: skip
PERSON = rf"(?:^|_)(?:{_ONE_WORD}|{_SEVERAL_WORDS})(?=_|$)"
# the head where it stands last; alone or compound it may be a number (Mitarbeiter, Users) or a touch point (Erstkontakt)
PERSON_LAST = (
    r"(?:^|_)(?:contacts?|(?!erst|letzt|neu|folge)\w*kontakte?|users?|(end)?benutzer|nutzer|anwender|person(en)?|managers?|\w+manager(in)?|employees?|mitarbeiter(in)?|staff|colleague|"
    r"kollege|sachbearbeiter|referent|berater(in)?|agents?|supervisor|sponsor|author|autor|editor|participants?|attendees?|teilnehmer|recipients?|sender|"
    r"verantwortlich(e|er|en)?|zustaendig(e|er|en)?|responsible|zugewiesen|aussendienst|innendienst)$|^ae$"
)  # fmt: skip
_DONE = (
    r"created|modified|changed|edited|updated|entered|added|assigned|owned|closed|opened|approved|requested|handled|managed|converted|qualified|submitted|uploaded|"
    r"imported|reviewed|signed|deleted"
)  # fmt: skip
_GETAN = (
    "erstellt|angelegt|geaendert|bearbeitet|aktualisiert|erfasst|eingetragen|betreut|genehmigt|freigegeben|qualifiziert|konvertiert|geprueft|verantwortet|eroeffnet|geschlossen"
)
BY = rf"(?:^|_|last)(?:(?:{_DONE})_?by(id)?|(?:{_GETAN})_(von|durch)|(?:assigned|delegated|reports)_?to|(?:zugewiesen|delegiert|zugeordnet)_an)(?=_|$)"
ENDS_BY = r"\w_(by|von|durch)$"
# who or what else may do something: “sourced by marketing”, “geliefert von”
NO_PERSON_BY = r"(sourced|driven|influenced|paid|funded|delivered|powered|grouped|group|sorted|sort|won|gewonnen|bezahlt|geliefert|finanziert|getrieben|beeinflusst)_"
NEUTRAL = r"(_(ids?|names?|namen|full|vollstaendiger|nr|no|number|nummer|code|kuerzel|alias|key|e|e?mail|guid|primary|primaer|main|delegate|delegat|\d+|in|innen|r|n))+$"
# behind a person's word: something about persons, not who they are
ABOUT = (
    r"_(counts?|anzahl|zahl|total|share|anteil|quote|rate|score|roles?|rolle|rollen|types?|typ|art|kind|status|stage|phase|level|stufe|seniority|region|gebiet|territory|country|land|"
    r"city|ort|office|standort|location|teams?|groups?|gruppe|department|abteilung|division|bereich|segment|industry|branche|channel|kanal|source|quelle|herkunft|frequency|date|datum|day|time|"
    r"seit|since|reason|grund|language|sprache|age|alter|tenure|changes?|changed|wechsel|method|preference|profile|profil|title|titel|position|funktion|function|job|unit|einheit|niederlassung|"
    r"filiale|werk|gesellschaft|organi[sz]ation|company|firma|managed|led|operated|gefuehrt|opt|out|consent|permission|einwilligung|vorhanden|available|present|known|bekannt|valid|verified|bounced|"
    r"satisfaction|zufriedenheit|quality|qualitaet|on|at)(?=_|$)"
)  # fmt: skip
# before it: how many, or whether
COUNTED = r"^(anzahl|zahl|number|count|no|nr|has|is|hat|ist|total|gesamtzahl|rolle|funktion|typ|art)(_|$)"
PREPOSITION = r"_(?:for|fuer|of|der|des|die|den|beim|bei|im|from|vom|zum|zur|the)(?:_|$)"
ADDRESS = r"(?:^|_)(?:e_?)?mails?(?:_?(?:adresse|address))?$"
NUMBER = r"(?:^|_)(?:\w*(?:tele(?:f|ph)on(?:e|nummer)?|handy(?:nummer)?|fax(?:nummer)?|durchwahl)|tel|phone(?:number)?|mobile?|mobilnummer|cell|linked_?in|xing|skype|whatsapp)(?=_|$)"

FIRST_NAMES = frozenset(
    ["alexander", "alexandra", "alice", "amy", "andre", "andrea", "andreas", "andrew", "angela", "anja", "anke", "anna", "anne", "annette", "anthony", "antje", "anton", "arne", "astrid", "axel", "barbara", "bastian", "beate", "ben", "benjamin", "bernd", "bettina", "birgit", "björn", "brian", "britta", "carl", "carla", "carlos", "carmen", "carol", "caroline", "carsten", "catherine", "charles", "charlotte", "chris", "christa", "christian", "christiane", "christina", "christine", "christoph", "christopher", "claudia", "clara", "cornelia", "dagmar", "daniel", "daniela", "david", "dennis", "detlef", "diana", "diane", "dieter", "dirk", "dominik", "donald", "doris", "edward", "elena", "elisabeth", "elizabeth", "elke", "ella", "emily", "emma", "eric", "erik", "eva", "fabian", "felix", "florian", "frank", "franz", "frederik", "friedrich", "gabi", "gabriele", "gary", "george", "gerd", "gerhard", "gisela", "gregor", "guido", "günter", "günther", "hanna", "hannah", "hannes", "hans", "harald", "heike", "heiko", "heinz", "helen", "helga", "helmut", "hendrik", "henning", "herbert", "hermann", "holger", "horst", "ina", "ines", "ingo", "ingrid", "irene", "iris", "jacob", "jakob", "james", "jan", "jana", "jane", "janine", "jason", "jean", "jeff", "jennifer", "jens", "jessica", "jim", "joachim", "jochen", "joe", "johann", "johanna", "johannes", "john", "jonas", "jonathan", "joseph", "josef", "jörg", "juan", "judith", "jürgen", "julia", "julian", "jutta", "kai", "karen", "karin", "karl", "karla", "karsten", "katharina", "kathrin", "katja", "katrin", "kathleen", "keith", "kenneth", "kerstin", "kevin", "kim", "klaus", "klara", "konrad", "kristin", "kurt", "lara", "larry", "lars", "laura", "lea", "lena", "leon", "leonie", "linda", "lisa", "lothar", "louis", "luca", "lucas", "lucy", "ludwig", "luis", "luisa", "lukas", "lutz", "maik", "manfred", "manuel", "manuela", "marc", "marcel", "marco", "marcus", "margaret", "maria", "marie", "marina", "mario", "marion", "mark", "marko", "markus", "martha", "martin", "martina", "mary", "mathias", "matthew", "matthias", "maximilian", "max", "melanie", "mia", "michael", "michaela", "michelle", "miguel", "mike", "mirko", "monika", "moritz", "nadine", "nadja", "nancy", "natalie", "niklas", "nico", "nicola", "nicolas", "nicole", "nils", "nina", "norbert", "olaf", "oliver", "olivia", "otto", "pascal", "patricia", "patrick", "paul", "paula", "peter", "petra", "philip", "philipp", "pia", "ralf", "ralph", "rainer", "rebecca", "regina", "reiner", "renate", "rené", "richard", "rita", "robert", "roland", "rolf", "roman", "ronald", "ruth", "sabine", "sabrina", "sam", "samuel", "sandra", "sara", "sarah", "sascha", "scott", "sebastian", "silke", "silvia", "simon", "simone", "sofia", "sonja", "sophia", "sophie", "stefan", "stefanie", "steffen", "stephan", "stephanie", "stephen", "steve", "steven", "susan", "susanne", "sven", "svenja", "sylvia", "tanja", "tatjana", "thomas", "thorsten", "tim", "timo", "tina", "tobias", "tom", "torsten", "udo", "ulf", "ulrich", "ulrike", "ursula", "ute", "uwe", "vanessa", "vera", "verena", "veronika", "viktor", "viktoria", "volker", "walter", "waltraud", "werner", "wilhelm", "william", "wolfgang", "yvonne"]
)  # fmt: skip
