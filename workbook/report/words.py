"""The pages' fixed words, in the current language. Templates hold none, so that the catalogue knows them all."""

from __future__ import annotations

from workbook.frames.names import measure_name, value_name
from workbook.kpis import KPIS
from workbook.report.choice import group_of
from workbook.results import Status
from workbook.text import Message, Quantity, estimated, msg, nmsg, quantity, render, share, t

LIGHTS: dict[Status, tuple[str, Message]] = {
    "pass": ("●", msg("Checks passed")),
    "review": ("▲", msg("Read with care")),
    "fail": ("■", msg("Do not rely on it")),
    "not_applicable": ("○", msg("Not checked")),
}
CERTAINTIES: dict[str, tuple[Message, Message]] = {
    "firm": (msg("Well established"), msg("Enough cases, and the checks hold. You can act on it.")),
    "likely": (msg("Likely"), msg("The data point this way, but chance or a gap in the data could still change it.")),
    "open": (msg("Open"), msg("The data do not settle it. Treat it as a question, not as an answer.")),
}
CHECKS: dict[str, tuple[str, Message]] = {"review": ("▲", msg("Look closer")), "fail": ("■", msg("Does not hold"))}
STATUSES: dict[str, Message] = {
    "succeeded": msg("ready"),
    "taken_over": msg("unchanged"),
    "unchanged": msg("unchanged"),
    "failed": msg("failed"),
    "skipped": msg("left out"),
}


GROUPS: dict[str, Message] = {
    "forecast": msg("forecast"), "measure": msg("measure"), "unit": msg("unit"), "region": msg("region"), "segment": msg("segment"),
    "source": msg("source"), "period": msg("period"), "competitor": msg("competitor"), "competition": msg("competitor"),
    "bought before": msg("bought before"), "business type": msg("new or existing customer"), "product": msg("product"),
    "industry": msg("industry"), "country": msg("country"), "size class": msg("employees"), "campaign": msg("campaign"),
    "need": msg("need"), "role": msg("role"), "pipeline": msg("pipeline"), "score band": msg("score band"), "segment found": msg("segment"),
    "customers": msg("customers"), "adjusted": msg("adjusted for"), "stale deals": msg("deals open too long"), "per": msg("per"),
    "ceiling": msg("ceiling"), "held": msg("held by"), "years": msg("years"),
}  # fmt: skip
VALUES: dict[tuple[str, str], Message] = {
    ("period", "last 12 months"): msg("last 12 months"), ("stale deals", "counted as lost"): msg("counted as lost"),
    ("adjusted", "mix of deals"): msg("mix of deals"), ("held", "others"): msg("others"),
    ("bought before", "yes"): msg("yes"), ("bought before", "no"): msg("no"),
    ("competition", "named"): msg("named"), ("competition", "none"): msg("recorded as none"), ("competition", "unknown"): msg("not recorded"),
    ("customers", "contract"): msg("under contract"), ("customers", "purchases"): msg("without a contract"),
}  # fmt: skip
OF_TABLES = ("account ", "lead ")  # before the column of another table
MEASURED = ("measure", "per", "ceiling")
SHOWN_AS = {"market_growth": "share"}  # a yearly rate reads as per cent, whatever unit the results keep


def kpi_name(key: str) -> str:
    """Return the name of a KPI from a headline's key: `effect.win_rate` → "Effect of alignment: win rate"."""
    base, _, rest = key.partition(".")
    known = KPIS.get(base)
    name = render(known.name) if known else base.replace("_", " ").capitalize()
    if rest and not group_of(key):
        inner = KPIS.get(rest)
        return f"{name}: {render(inner.name) if inner else rest.replace('_', ' ')}"
    return name


def group_name(key: str) -> str:
    """Return the group in a headline's key in words, empty for the whole."""
    return ", ".join(f"{_group(name)}: {render(_value(name, value))}" for name, value in group_of(key))


def _group(name: str) -> str:
    """Write a group's name: a column of ours in words, with or without the table it is from; the firm's own as it is."""
    bare = next((name.removeprefix(table) for table in OF_TABLES if name.startswith(table)), name)
    return render(GROUPS.get(name) or GROUPS.get(bare, name))


def _value(name: str, value: str) -> Message | str:
    if name in MEASURED:
        return measure_name(value)
    return VALUES.get((name, value)) or value_name(name.replace(" ", "_"), value)


def figure(key: str, value: float | None, unit: str, currency: str | None, *, is_estimated: bool) -> Quantity:
    """Write a KPI's number in the unit that it reads in; money that was estimated, not counted, to three digits."""
    unit = SHOWN_AS.get(key, unit)
    if is_estimated and unit in ("money", "money_per_day"):
        return estimated(value, currency, unit)
    return quantity(value, unit, currency)


def column_name(column: str) -> str:
    """Return the name of a column that parts are cut by, such as `region` or `accounts.industry`."""
    name = column.rpartition(".")[2]
    return _group(name.replace("_", " "))


def cases(n: int, key: str = "") -> str:
    """Return the number of cases in words; a market figure rests on years or on published figures."""
    if key.startswith(("market_growth", "market_size.forecast")):
        return render(nmsg("{n} year", "{n} years", n))
    if key.startswith("market_size"):
        return render(nmsg("{n} published figure", "{n} published figures", n))
    return render(nmsg("{n} case", "{n} cases", n))


def dropped(n: int) -> str:
    """Say how many outputs the page leaves out."""
    return render(nmsg("{n} technical message is left out of this page.", "{n} technical messages are left out of this page.", n))


def common() -> dict[str, str]:
    """Return the words of every page."""
    return {
        "overview": t("Overview"),
        "contents": t("In this chapter"),
        "chapters": t("Chapters"),
        "as_of": t("Export of"),
        "period": t("Period of the data"),
        "to_content": t("Go to the content"),
        "whole_report": t("Whole report in one file"),
        "back": t("Back to the overview"),
        "battlecard": t("Battlecard"),
        "swipe": t("Swipe sideways to see the whole table."),
    }


def management(confidence: float) -> dict[str, str]:
    """Return the words of the management page."""
    return {
        "kicker": t("Sales strategy report"),
        "all_reports": t("All reports compared"),
        "degraded": t("Worse than in the last report"),
        "answer": t("The answer in three sentences"),
        "no_answer": t("With these data, no question could be answered. Below is what to export to change that."),
        "figures": t("Key figures"),
        "figures_note": t(
            "“Between … and …” is the range in which the true value lies with {level} confidence, as far as chance goes; "
            "a total that is counted, not estimated, has none.",
            level=share(confidence, 0),
        ),
        "no_figures": t("No key figure can be computed from these data."),
        "year_before": t("Year before"),
        "actions": t("What to do next"),
        "no_actions": t("No chapter found a reason strong enough to recommend an action."),
        "who": t("Who"),
        "by_when": t("By when"),
        "watched_by": t("Watched by"),
        "worth": t("Worth per year"),
        "overlap": t(
            "Do not add these values up: the same deals stand behind several of them, so that the sum would count them twice."
        ),
        "missing": t("What could not be answered, and what would change that"),
        "nothing_missing": t("Every question that the chapters ask could be answered."),
        "needs": t("Needs"),
        "from_data": t("The data are there, but they cannot carry an answer"),
        "import": t("What was read"),
        "import_more": t("Every repair and every rejected line is in the data chapter"),
        "lines_read": t("Lines read"),
        "kept": t("kept"),
        "merged": t("merged"),
        "rejected": t("rejected"),
        "not_data": t("not data"),
        "repaired": t("values repaired"),
        "flagged": t("points flagged"),
        "assumed": t("Assumed"),
        "sources": t("Sources"),
        "rows": t("Rows"),
        "newest": t("Newest day"),
        "certainty": t("How sure is this?"),
        "tables": t("Tables behind the report (CSV)"),
    }


def overview(confidence: float) -> dict[str, str]:
    """Return the words of the page over the reports of a matrix."""
    return {
        "kicker": t("Sales strategy by part"),
        "reports": t("Reports"),
        "by": t("Compared by"),
        "failed": t("Reports that could not be made"),
        "last_good": t("the last good one, of"),
        "degraded": t("Worse than in the last report"),
        "differs": t("Which parts differ from the rest by more than chance"),
        "nothing_differs": t("No part differs from the rest in any of these figures by more than chance. That does not show that they are alike."),
        "too_few": t("Differences cannot be judged: fewer than three parts have a figure with a range."),
        "same": t("No reliable difference between the parts"),
        "panels": t("Every part at a glance"),
        "order": t("Order"),
        "by_deals": t("by number of deals"),
        "by_name": t("by name"),
        "by_value": t("each figure by its value"),
        "how": t(
            "Thick line: the {level} range of the value pulled towards the whole. Thin line and ring: what was measured in the part alone, with its range. "
            "The fewer cases a part has, the more it is pulled: a small part far out is mostly far out by chance. "
            "Blue with ▲ or ▼: differs from the rest by more than chance, all parts and figures tested together; grey: it may be chance. "
            "The dashed line is all parts together. Parts that share salespeople are alike for that reason too; nothing here takes that out.",
            level=share(confidence, 0),
        ),
        "more_rows": t("more parts in the table"),
        "part": t("Part of the firm"),
        "deals": t("Deals"),
        "status": t("Report"),
        "table": t("All figures as a table (CSV)"),
    }
