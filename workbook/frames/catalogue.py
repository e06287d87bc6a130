"""The canonical frames. Any one of them is enough to start; each unlocks sections.

An id column that no source fills is made on import (the row's number). A frame may carry further columns of the firm's
own ("attributes"): they follow the declared ones, as text or number, under the name that the mapping gives them.
"""

from workbook.frames.column import Column, Frame

C = Column
NO_COMPETITOR, UNNAMED_COMPETITOR = "none", "unnamed"  # what stands in `competitor` where there is no name

ACCOUNTS = Frame(
    "accounts",
    "one row per company",
    ("account_id",),
    (
        C("account_id", "id", "identifier of the company", is_required=True),
        C("name", "text", "name of the company"),
        C("parent_id", "id", "company it belongs to", references="accounts.account_id"),
        C("industry", "category", "industry"),
        C("country", "category", "country"),
        C("region", "category", "sales region"),
        C("city", "text", "city of the headquarters"),
        C("segment", "category", "segment the firm itself assigns"),
        C("employees", "number", "number of employees", low=0, high=5_000_000),
        C("revenue", "money", "the company's own yearly revenue"),
        C("currency", "currency", "currency of revenue"),
        C("founded_year", "year", "year of foundation", low=1500, high=2100),
        C("customer_since_on", "date", "day of the first order"),
        C("needs", "text", "declared needs or pain points, separated by semicolons"),
        C("values", "text", "what the company stands for (psychographic), separated by semicolons"),
        C("channel_preference", "category", "preferred channel"),
        C("price_sensitivity", "category", "price sensitivity"),
    ),
)

OPPORTUNITIES = Frame(
    "opportunities",
    "one row per opportunity",
    ("opportunity_id",),
    (
        C("opportunity_id", "id", "identifier of the opportunity", is_required=True),
        C("name", "text", "title of the opportunity"),
        C("status", "category", "outcome so far", is_required=True, values=("open", "won", "lost", "no_decision")),
        C("account_id", "id", "company that would buy", references="accounts.account_id"),
        C("owner_id", "id", "salesperson", is_personal=True),
        C("product_id", "id", "product", references="products.product_id"),
        C("lead_id", "id", "lead it came from", references="leads.lead_id"),
        C("region", "category", "sales region of the opportunity"),
        C("segment", "category", "segment of the opportunity"),
        C("pipeline", "category", "name of the pipeline"),
        C("stage", "category", "stage in the CRM, the firm's own name"),
        C("created_on", "date", "day of creation"),
        C("expected_close_on", "date", "expected close of an open opportunity"),
        C("closed_on", "date", "day of the actual close"),
        C("amount", "money", "value of the opportunity; missing is not zero"),
        C("currency", "currency", "currency of amount"),
        C("discount_share", "share", "discount on the list price", low=0, high=1),
        C("probability", "share", "probability of winning as the CRM states it", low=0, high=1),
        C("source", "category", "where the opportunity came from"),
        C("competitor", "text", "competitors named on it, separated by semicolons; `none` where known to be none, `unnamed` where there was one but nobody says which"),
        C("loss_reason", "category", "why it was lost"),
        C("business_type", "category", "new customer or expansion of an existing one", values=("new", "expansion")),
        C("is_marketing_sourced", "flag", "first qualified lead came from marketing"),
    ),
)

PRODUCTS = Frame(
    "products",
    "one row per product",
    ("product_id",),
    (
        C("product_id", "id", "identifier of the product", is_required=True),
        C("name", "text", "name of the product"),
        C("family", "category", "product family"),
        C("list_price", "money", "list price"),
        C("currency", "currency", "currency of list_price"),
        C("launched_on", "date", "day of market launch"),
    ),
)

STAGE_ENTRIES = Frame(
    "stage_entries",
    "one row per opportunity × entry into a stage",
    ("opportunity_id", "stage", "entered_at"),
    (
        C("opportunity_id", "id", "opportunity", is_required=True, references="opportunities.opportunity_id"),
        C("stage", "category", "stage entered, the firm's own name", is_required=True),
        C("entered_at", "instant", "when it was entered", is_required=True),
        C("entered_by", "id", "who moved it", is_personal=True),
    ),
)

LEADS = Frame(
    "leads",
    "one row per lead",
    ("lead_id",),
    (
        C("lead_id", "id", "identifier of the lead", is_required=True),
        C("account_id", "id", "company", references="accounts.account_id"),
        C("opportunity_id", "id", "opportunity it became", references="opportunities.opportunity_id"),
        C("owner_id", "id", "who works the lead", is_personal=True),
        C("region", "category", "sales region"),
        C("source", "category", "channel it came from"),
        C("campaign", "category", "campaign it came from"),
        C("created_at", "instant", "when it was created"),
        C("mql_at", "instant", "when it became marketing-qualified"),
        C("first_response_at", "instant", "first answer by sales"),
        C("sql_at", "instant", "when sales accepted it"),
        C("rejected_at", "instant", "when sales rejected it"),
        C("rejection_reason", "category", "why it was rejected"),
        C("customer_at", "instant", "when it became a customer, where the CRM keeps that on the lead"),
    ),
)

ACTIVITIES = Frame(
    "activities",
    "one row per touch",
    ("activity_id",),
    (
        C("activity_id", "id", "identifier of the touch", is_required=True),
        C("opportunity_id", "id", "opportunity", references="opportunities.opportunity_id"),
        C("lead_id", "id", "lead", references="leads.lead_id"),
        C("occurred_at", "instant", "when it happened", is_required=True),
        C("kind", "category", "meeting, call, e-mail, …"),
        C("channel", "category", "channel"),
        C("direction", "category", "inbound or outbound", values=("inbound", "outbound")),
        C("outcome", "category", "what came of it"),
        C("content_id", "id", "content used", references="content.content_id"),
        C("person_id", "id", "who did it", is_personal=True),
    ),
)

CONTACTS = Frame(
    "contacts",
    "one row per person in an opportunity",
    ("opportunity_id", "contact_id"),
    (
        C("contact_id", "id", "identifier of the person", is_required=True, is_personal=True),
        C("opportunity_id", "id", "opportunity", references="opportunities.opportunity_id"),
        C("account_id", "id", "company", references="accounts.account_id"),
        C("role", "category", "role in the buying centre"),
    ),
)

QUALIFICATION = Frame(
    "qualification",
    "one row per opportunity × date × criterion × rater",
    ("opportunity_id", "assessed_on", "criterion", "rater_id"),
    (
        C("opportunity_id", "id", "opportunity", is_required=True, references="opportunities.opportunity_id"),
        C("assessed_on", "date", "day of the assessment"),
        C("framework", "category", "BANT, MEDDIC, …"),
        C("criterion", "category", "criterion of the framework", is_required=True),
        C("answer", "text", "recorded answer; missing is not no"),
        C("score", "number", "score of the answer"),
        C("rater_id", "id", "who assessed", is_personal=True),
    ),
)

INVOICES = Frame(
    "invoices",
    "one row per invoice line",
    ("invoice_id",),
    (
        C("invoice_id", "id", "identifier of the line", is_required=True),
        C("account_id", "id", "customer", is_required=True, references="accounts.account_id"),
        C("opportunity_id", "id", "opportunity behind it", references="opportunities.opportunity_id"),
        C("product_id", "id", "product", references="products.product_id"),
        C("invoiced_on", "date", "day of the invoice", is_required=True),
        C("amount", "money", "net amount", is_required=True),
        C("currency", "currency", "currency of amount and margin"),
        C("margin", "money", "gross margin on the line"),
        C("is_recurring", "flag", "part of a contract that renews"),
    ),
)

FEEDBACK = Frame(
    "feedback",
    "one row per survey answer",
    ("feedback_id",),
    (
        C("feedback_id", "id", "identifier of the answer", is_required=True),
        C("account_id", "id", "customer", references="accounts.account_id"),
        C("answered_on", "date", "day of the answer"),
        C("instrument", "category", "NPS, CSAT, …", is_required=True),
        C("score", "number", "score given"),
        C("text", "text", "free text"),
    ),
)

MARKET = Frame(
    "market",
    "one row per year × region × segment × measure; a row without segment is the stated total",
    ("year", "region", "segment", "measure"),
    (
        C("year", "year", "calendar year", is_required=True, low=1900, high=2100),
        C("region", "category", "region of the market"),
        C("segment", "category", "segment of the market; empty: the total as the source states it"),
        C("measure", "category", "what is measured: turnover, establishments, …"),
        C("volume", "number", "size in `unit`", is_required=True),
        C("unit", "category", "unit of volume: EUR, m EUR, establishments, …"),
        C("currency", "currency", "currency where the unit is money"),
        C("source", "text", "who publishes it"),
        C("grade", "category", "quality of the source, A best to E worst", values=("A", "B", "C", "D", "E")),
        C("is_break", "flag", "the definition changes with this year"),
        C("break_measure", "category", "the measure whose definition changes; empty: this row's own"),
        C("note", "text", "note of the source"),
    ),
)

COMPETITORS = Frame(
    "competitors",
    "one row per competitor × year × segment",
    ("competitor", "year", "segment"),
    (
        C("competitor", "id", "name of the competitor", is_required=True),
        C("year", "year", "calendar year", low=1900, high=2100),
        C("segment", "category", "market segment"),
        C("kind", "category", "direct or indirect", values=("direct", "indirect")),
        C("reach", "category", "local or international", values=("local", "international")),
        C("revenue", "money", "revenue in the market"),
        C("currency", "currency", "currency of revenue"),
        C("market_share", "share", "share of the market", low=0, high=1),
        C("price_index", "number", "price level, own = 100", low=1, high=1000),
        C("channels", "text", "sales channels, separated by semicolons"),
        C("products", "text", "product families offered, separated by semicolons"),
        C("is_self", "flag", "this row is the firm itself"),
    ),
)

RATINGS = Frame(
    "ratings",
    "one row per respondent × brand × attribute",
    ("respondent_id", "brand", "attribute"),
    (
        C("respondent_id", "id", "who was asked", is_required=True),
        C("brand", "category", "brand rated", is_required=True),
        C("attribute", "category", "attribute rated", is_required=True),
        C("score", "number", "score given", is_required=True),
    ),
)

SPEND = Frame(
    "spend",
    "one row per month × function × channel × region",
    ("month_on", "function", "channel", "region"),
    (
        C("month_on", "date", "first day of the month", is_required=True),
        C("function", "category", "sales or marketing"),
        C("channel", "category", "channel"),
        C("region", "category", "sales region"),
        C("amount", "money", "cost", is_required=True),
        C("currency", "currency", "currency of amount"),
    ),
)

GOALS = Frame(
    "goals",
    "one row per goal",
    ("goal_id",),
    (
        C("goal_id", "id", "identifier of the goal", is_required=True),
        C("parent_id", "id", "goal it serves", references="goals.goal_id"),
        C("title", "text", "the goal in words"),
        C("kind", "category", "company, strategy, operative, objective, key result"),
        C("metric", "category", "KPI that measures it"),
        C("unit", "category", "unit of the metric"),
        C("baseline", "number", "value at the start"),
        C("target", "number", "value wanted"),
        C("due_on", "date", "by when"),
        C("owner_id", "id", "who is responsible", is_personal=True),
    ),
)

STAFF = Frame(
    "staff",
    "one row per person",
    ("person_id",),
    (
        C("person_id", "id", "identifier of the person", is_required=True, is_personal=True),
        C("function", "category", "sales, marketing, service"),
        C("team", "category", "team or manager"),
        C("region", "category", "sales region"),
        C("hired_on", "date", "first day"),
        C("left_on", "date", "last day"),
    ),
)

TRAININGS = Frame(
    "trainings",
    "one row per person × training",
    ("person_id", "training", "held_on"),
    (
        C("person_id", "id", "participant", is_required=True, references="staff.person_id", is_personal=True),
        C("training", "category", "name of the training", is_required=True),
        C("held_on", "date", "day"),
        C("is_completed", "flag", "completed"),
    ),
)

CONTENT = Frame(
    "content",
    "one row per content item",
    ("content_id",),
    (
        C("content_id", "id", "identifier of the item", is_required=True),
        C("title", "text", "title"),
        C("phase", "category", "phase of the buyer's process it is meant for"),
        C("persona", "category", "persona it is meant for"),
        C("published_on", "date", "day of publication"),
    ),
)

UNITS = Frame(
    "units",
    "one row per unit (a region, a team) × month",
    ("unit", "month_on"),
    (
        C("unit", "category", "name of the unit, as in opportunities.region", is_required=True),
        C("month_on", "date", "first day of the month; empty: the row holds for all months"),
        C("adopted_on", "date", "day the unit adopted the alignment programme; empty: never"),
        C("programme_cost", "money", "cost of the programme in the month"),
        C("currency", "currency", "currency of programme_cost"),
    ),
)

SURVEY = Frame(
    "survey",
    "one row per respondent × item",
    ("respondent_id", "item"),
    (
        C("respondent_id", "id", "who answered", is_required=True, is_personal=True),
        C("function", "category", "sales or marketing"),
        C("item", "category", "statement rated", is_required=True),
        C("score", "number", "agreement 1–5", low=1, high=5),
        C("answered_on", "date", "day of the answer"),
    ),
)

FRAMES: dict[str, Frame] = {
    frame.name: frame
    for frame in (
        ACCOUNTS, OPPORTUNITIES, PRODUCTS, STAGE_ENTRIES, LEADS, ACTIVITIES, CONTACTS, QUALIFICATION, INVOICES, FEEDBACK,
        MARKET, COMPETITORS, RATINGS, SPEND, GOALS, STAFF, TRAININGS, CONTENT, UNITS, SURVEY,
    )
}  # fmt: skip


def frame(name: str) -> Frame:
    """Return a frame by name; raises KeyError."""
    return FRAMES[name]
