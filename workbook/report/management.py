"""The management page: one self-contained file, made from results and facts alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from workbook.frames.names import frame_name
from workbook.report import choice, words
from workbook.report.blocks import without_requirements
from workbook.report.choice import Chosen, Gap
from workbook.report.facts import ImportFacts, ReportFacts
from workbook.report.pages import page
from workbook.results import ActionRecord, HeadlineRecord, ResultsFile
from workbook.text import Quantity, count, day, quantity, render, sentence, t
from workbook.text.catalogue import use_language

MAX_GAPS, MAX_TITLES, MAX_NEEDS = 8, 4, 6

Href = Callable[[str], str]  # a path relative to the run's folder → a link from this page, empty: no link


def render_index(facts: ReportFacts, results: Sequence[ResultsFile], *, base: str | None = None) -> str:
    """Return the management page.

    results: the run's results/*.json, in the order of the chapters. base: what leads from the page to the run's folder;
    None: `runs/<started-at>/`, for the page on top of the report folder; empty for the copy inside the run's folder.
    """
    prefix, to_top = (facts.run_folder, "") if base is None else (base, "../../")
    with use_language(facts.language):
        return page(
            "index.html.j2",
            language=facts.language,
            kind="index",
            title=t("Sales strategy report"),
            company=facts.company,
            view=view_of(facts, results, lambda path: prefix + path if path else "") | {"overview_href": facts.overview and to_top + facts.overview},
            words=words.common() | words.management(facts.confidence),
        )


def view_of(facts: ReportFacts, results: Sequence[ResultsFile], href: Href) -> dict[str, Any]:
    """Return everything the management template shows, as text in the current language."""
    chapters = {chapter.topic: chapter for chapter in facts.chapters}
    titles = {topic: chapter.title for topic, chapter in chapters.items()}
    links = {topic: href(chapter.href) if chapter.has_page else "" for topic, chapter in chapters.items()}
    actions = choice.actions(results)
    gaps = choice.gaps(results)
    return {
        "company": facts.company,
        "as_of": render(day(facts.as_of)),
        "period": _period(facts),
        "degraded": [sentence(line) for line in facts.degraded],
        "sentences": [
            {
                "text": finding.text,
                "certainty": finding.certainty,
                "certainty_word": render(words.CERTAINTIES[finding.certainty][0]),
                "chapter": titles.get(topic, topic),
                "href": links.get(topic, ""),
            }
            for finding, topic in choice.sentences(results)
        ],
        "cards": [_card(chosen, links.get(chosen.topic, "")) for chosen in choice.headlines(results)],
        "actions": [_action(action) for action, _ in actions],
        "is_overlapping": sum(action.value is not None for action, _ in actions) > 1,
        "gaps": [_gap(gap) for gap in gaps[:MAX_GAPS]],
        "gaps_more": t("{n} more in the chapters.", n=len(gaps) - MAX_GAPS) if len(gaps) > MAX_GAPS else "",
        "refusals": [
            {"text": sentence(text), "chapter": titles.get(topic, topic), "href": links.get(topic, "")}
            for text, topic in choice.refusals(results)
        ],
        "counts": _counts(facts.imported),
        "sources": [
            {"name": source.name, "rows": render(source.rows), "newest": render(day(source.newest_on))}
            for source in facts.imported.sources
        ],
        "assumptions": facts.imported.assumptions,
        "data_href": links.get("data", ""),
        "chapters": [
            {
                "title": chapter.title,
                "href": links[chapter.topic],
                "status": chapter.status,
                "word": render(words.STATUSES[chapter.status]),
                "reason": chapter.reason,
            }
            for chapter in facts.chapters
        ],
        "overview_href": "",
        "mail_href": href("report.html"),
        "tables": [
            {"title": f"{titles.get(file.topic, file.topic)}: {file.table_titles.get(key) or key.replace('_', ' ')}", "href": href(path)}
            for file in results
            for key, path in sorted(file.tables.items())
            if href(path)
        ],
        "certainties": [
            {"key": key, "word": render(word), "meaning": render(meaning)} for key, (word, meaning) in words.CERTAINTIES.items()
        ],
    }


def _period(facts: ReportFacts) -> str:
    if facts.period_from is None or facts.period_to is None:
        return ""
    return t("{start} to {end}", start=facts.period_from, end=facts.period_to)


def _card(chosen: Chosen, href: str) -> dict[str, str]:
    headline = chosen.headline.model_copy(update={"unit": words.SHOWN_AS.get(chosen.headline.key, chosen.headline.unit)})
    shape, word = words.LIGHTS[chosen.light]
    prior = quantity(headline.prior, headline.unit, headline.currency)
    return {
        "name": words.kpi_name(headline.key),
        "group": words.group_name(headline.key),
        "href": href,
        "value": _shown(headline, headline.value).text(),
        "range": _between(headline) or (headline.reason or ""),
        "cases": words.cases(headline.n, headline.key),
        "prior": "" if headline.prior is None else prior.text(),
        "recent": _recent(chosen.recent),
        "light": chosen.light,
        "light_word": render(word),
        "shape": shape,
        "doubt": sentence(chosen.doubts[0]) if chosen.doubts and chosen.light in ("review", "fail") else "",
    }


def _recent(headline: HeadlineRecord | None) -> str:
    """The last twelve months beside the year before, where the data cover both."""
    if headline is None or headline.prior is None:
        return ""
    value, prior = (quantity(number, headline.unit, headline.currency) for number in (headline.value, headline.prior))
    return t("last 12 months {value}, year before {prior}", value=value, prior=prior)


def _between(record: HeadlineRecord | ActionRecord) -> str:
    if record.low is None or record.high is None:
        return ""
    low, high = (_shown(record, value) for value in (record.low, record.high))
    return t("between {low} and {high}", low=low, high=high)


def _shown(record: HeadlineRecord | ActionRecord, value: float | None) -> Quantity:
    """Write a number in the record's unit."""
    unit = record.unit if isinstance(record, HeadlineRecord) else "money"
    return words.figure(record.key, value, unit, record.currency, is_estimated=record.low is not None)


def _action(action: ActionRecord) -> dict[str, str]:
    worth = _shown(action, action.value).text() if action.value is not None else t("not valued")
    return {
        "what": action.what,
        "who": _capital(action.owner_role),
        "due": render(day(action.due_on)),
        "watch": words.kpi_name(action.watch_kpi),
        "worth": worth,
        "range": _between(action) if action.value is not None else "",
    }


def _gap(gap: Gap) -> dict[str, Any]:
    titles = tuple(without_requirements(title) for title in gap.titles)
    listed = " · ".join(titles[:MAX_TITLES])
    rest = len(titles) - MAX_TITLES
    return {
        "name": frame_name(gap.frame) if gap.frame else t("Too little data"),
        "titles": listed if rest <= 0 else t("{listed} · and {n} more", listed=listed, n=rest),
        "needs": gap.needs[:MAX_NEEDS],
        "mends": tuple(sentence(mend) for mend in gap.mends) or (() if gap.needs else gap.reasons[:2]),
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _counts(imported: ImportFacts) -> list[dict[str, str]]:
    """The accounting of the lines as an equation, then what was repaired and flagged."""
    named = words.management(0.95)
    parts = [("lines_read", "", ""), ("kept", "=", ""), ("merged", "+", ""), ("rejected", "+", ""), ("not_data", "+", "")]
    parts += [("repaired", "", "apart"), ("flagged", "", "")]
    return [
        {"label": named[name], "value": count(getattr(imported, name)).text(), "sign": sign, "kind": kind}
        for name, sign, kind in parts
    ]
