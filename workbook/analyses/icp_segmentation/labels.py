"""What attributes of accounts and leads are called in tables and sentences; the firm's own keep their name."""

from __future__ import annotations

from workbook.text import Message, msg

LABELS: dict[str, Message] = {
    "source": msg("source"),
    "campaign": msg("campaign"),
    "region": msg("region"),
    "industry": msg("industry"),
    "country": msg("country"),
    "segment": msg("segment"),
    "employees": msg("employees"),
    "size_class": msg("employees"),
    "revenue": msg("revenue"),
    "needs": msg("need"),
    "values": msg("value"),
    "channel_preference": msg("preferred channel"),
    "price_sensitivity": msg("price sensitivity"),
    "founded_year": msg("year of foundation"),
    "business_type": msg("new or existing customer"),
    "pipeline": msg("pipeline"),
    "product_id": msg("product"),
    "is_marketing_sourced": msg("sourced by marketing"),
    "stage": msg("stage"),
    "expected_close_on": msg("expected close"),
    "amount": msg("amount"),
    "discount_share": msg("discount"),
    "probability": msg("probability in the CRM"),
    "competitor": msg("competitor"),
    "loss_reason": msg("loss reason"),
    "mql_at": msg("qualified by marketing"),
    "first_response_at": msg("first response"),
    "sql_at": msg("accepted by sales"),
    "rejected_at": msg("rejected by sales"),
    "rejection_reason": msg("reason for the rejection"),
    "customer_since_on": msg("customer since"),
    "owner_id": msg("owner"),
}

RFM_GROUPS: dict[str, Message] = {
    "champions": msg("Champions"),
    "loyal": msg("Loyal"),
    "potential_loyal": msg("Could become loyal"),
    "new": msg("New"),
    "need_attention": msg("Need attention"),
    "about_to_sleep": msg("About to sleep"),
    "at_risk": msg("At risk"),
    "hibernating": msg("Hibernating"),
    "lost": msg("Lost"),
}


BASIS_LABELS: dict[str, Message] = {
    "margin": msg("gross margin"),
    "invoiced": msg("invoiced money"),
    "won": msg("money won"),
}


METHODS: dict[str, Message] = {
    "famd_k_means": msg("Factor analysis of mixed data, k-means"),
    "latent_classes": msg("Latent classes"),
    "gower_medoids": msg("Gower distances, medoids"),
}

CLASS_NAMES: dict[str, Message] = {
    "high": msg("Upper third"),
    "middle": msg("Middle third"),
    "low": msg("Lower third"),
    "none": msg("Bought nothing"),
}

DIMENSIONS: dict[str, Message] = {
    "touches": msg("number of touches"),
    "kind": msg("kind of touch"),
    "first": msg("first touch"),
    "soon": msg("how soon"),
    "path": msg("path"),
}


KIND_LABELS: dict[str, Message] = {
    "contract": msg("Customers under contract"),
    "purchases": msg("Customers without a contract"),
}


def label(attribute: str) -> Message | str:
    """Return an attribute's name as shown; a column of the firm's own without its underscores."""
    return LABELS.get(attribute, attribute.replace("_", " "))
