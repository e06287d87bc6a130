"""What the management page shows: at most eight headlines, three sentences, five actions, and what is missing.

Reads results only. Nothing is added up; a headline without a value is never shown as a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workbook.results import ActionRecord, CheckRecord, FindingRecord, HeadlineRecord, ResultsFile, Status

MAX_HEADLINES, MAX_SENTENCES, MAX_ACTIONS, FEW_HEADLINES = 8, 3, 5, 4
PRIORITY = (
    "win_rate",
    "won_amount",
    "open_pipeline",
    "velocity",
    "cycle_length",
    "lead_to_customer",
    "market_size",
    "market_growth",
    "hhi",
    "effect.win_rate",
    "effect",
    "clv",
    "win_rate_amount",
    "mql_to_sql",
    "cr4",
)
FILLED = "missing_values_do_not_follow_the_outcome."  # before the attribute that the check is about
RECENT = '.period="last 12 months"'
_GROUP = re.compile(r'\.([A-Za-z_][A-Za-z0-9_]*)=("(?:[^"\\]|\\.)*")')
_BETWEEN = re.compile(r"; (?![^()]*\))")  # between two ways to get a thing, not within the brackets of one
_CERTAINTIES = ("firm", "likely", "open")
_WORST_FIRST: tuple[Status, ...] = ("fail", "review", "pass", "not_applicable")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A headline with its chapter and what its checks say. doubts: reasons of the checks that did not pass.

    recent: the same figure over the last twelve months, whose `prior` is that of the year before.
    """

    headline: HeadlineRecord
    topic: str
    light: Status
    doubts: tuple[str, ...] = ()
    recent: HeadlineRecord | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """What one missing frame keeps from being answered. needs: frame or frame.column; mends: how to get it."""

    frame: str
    needs: tuple[str, ...]
    titles: tuple[str, ...]
    mends: tuple[str, ...]
    reasons: tuple[str, ...]


def group_of(key: str) -> tuple[tuple[str, str], ...]:
    """Return the group in a headline's key: `win_rate.region="DACH"` gives (("region", "DACH"),)."""
    return tuple((name.replace("_", " "), str(json.loads(value))) for name, value in _GROUP.findall(key))


def rank(key: str) -> int:
    """Return a headline key's place in the list of what matters most; unknown ones come last."""
    bare = _GROUP.sub("", key)
    for wanted in (bare, bare.split(".", 1)[0]):
        if wanted in PRIORITY:
            return PRIORITY.index(wanted)
    return len(PRIORITY)


def headlines(results: Sequence[ResultsFile]) -> list[Chosen]:
    """Return at most eight headlines, those of the whole first; groups, the largest first, only where there are few.

    A group has no card where the whole was refused: what keeps it from being known holds for its parts. Nor has one whose
    attribute is filled by the outcome: then its value is one end of what it may be.
    """
    found = [(file, headline) for file in results for headline in file.headlines if headline.value is not None]
    refused = {headline.key for file in results for headline in file.headlines if headline.value is None}
    whole = [pair for pair in found if not group_of(pair[1].key) and rank(pair[1].key) < len(PRIORITY)]
    whole.sort(key=lambda pair: rank(pair[1].key))
    parts = [pair for pair in found if group_of(pair[1].key) and rank(pair[1].key) < len(PRIORITY)]
    parts = [(file, headline) for file, headline in parts if _GROUP.sub("", headline.key) not in refused and not _follows_the_outcome(file, headline)]
    parts.sort(key=lambda pair: (rank(pair[1].key), -pair[1].n, pair[1].key))
    chosen = whole[:MAX_HEADLINES] + parts[: max(0, FEW_HEADLINES - len(whole))]
    return [_with_light(file, headline) for file, headline in chosen]


def _follows_the_outcome(file: ResultsFile, headline: HeadlineRecord) -> bool:
    marked = {check.key for check in file.checks if check.status != "pass"}
    return any(FILLED + name in marked for name, _ in _GROUP.findall(headline.key))


def _with_light(file: ResultsFile, headline: HeadlineRecord) -> Chosen:
    checks = _checks_of(file, headline)
    light: Status = next((s for s in _WORST_FIRST if any(check.status == s for check in checks)), "not_applicable")
    doubts = tuple(check.reason for check in checks if check.status == light and light != "pass")
    recent = next((other for other in file.headlines if other.key == headline.key + RECENT and other.value is not None), None)
    return Chosen(headline, file.topic, light, doubts, recent)


def _checks_of(file: ResultsFile, headline: HeadlineRecord) -> list[CheckRecord]:
    """The checks of the same question, of the same section where the results name no questions; none about another attribute."""
    checks = [check for check in file.checks if not check.key.startswith(FILLED)]
    if headline.question:
        return [check for check in checks if check.question == headline.question]
    return [check for check in checks if check.section == headline.section]


def sentences(results: Sequence[ResultsFile]) -> list[tuple[FindingRecord, str]]:
    """Return at most three findings with their topic: the surest and weightiest, one per chapter before a second one.

    What speaks of a key figure comes before what speaks of the reading of files.
    """
    ranked = sorted(_findings(results), key=_preference)
    first: list[tuple[int, int, FindingRecord, str]] = []
    for item in ranked:
        if item[3] not in {topic for *_, topic in first}:
            first.append(item)
    chosen = (first + [item for item in ranked if item not in first])[:MAX_SENTENCES]
    order = [file.topic for file in results]
    return [(finding, topic) for *_, finding, topic in sorted(chosen, key=lambda item: order.index(item[3]))]


def _preference(item: tuple[int, int, FindingRecord, str]) -> tuple[bool, bool, int, int]:
    certainty, weight, _, _ = item
    return _CERTAINTIES[certainty] == "open", weight == len(PRIORITY), certainty, weight


def _findings(results: Sequence[ResultsFile]) -> Iterator[tuple[int, int, FindingRecord, str]]:
    for file in results:
        for finding in file.findings:
            if not finding.refused and finding.text:
                keys = [h.key for h in file.headlines if finding.question in (h.question, h.key) and not group_of(h.key)]
                weight = min((rank(key) for key in keys), default=len(PRIORITY))
                yield _CERTAINTIES.index(finding.certainty), weight, finding, file.topic


def actions(results: Sequence[ResultsFile]) -> list[tuple[ActionRecord, str]]:
    """Return at most five actions with their topic: those worth most first, then the most urgent ones."""
    every = {action.key: (action, file.topic) for file in results for action in file.actions}
    ordered = sorted(every.values(), key=lambda pair: (-(pair[0].value or 0.0), pair[0].due_on, pair[0].key))
    return ordered[:MAX_ACTIONS]


def gaps(results: Sequence[ResultsFile]) -> list[Gap]:
    """Return what is missing, one gap per frame, those that unlock most questions first."""
    by_frame: dict[str, list[tuple[str, tuple[str, ...], str, str]]] = {}
    for file in results:
        for skipped in file.skipped:
            frame = skipped.needs[0].split(".", 1)[0] if skipped.needs else ""
            title = skipped.title or skipped.section
            by_frame.setdefault(frame, []).append((title, tuple(skipped.needs), skipped.mend, skipped.reason))
    found = [
        Gap(
            frame,
            _unique(need for _, needs, _, _ in rows for need in needs),
            _unique(row[0] for row in rows),
            _unique(mend for row in rows for mend in _BETWEEN.split(row[2])),
            _unique(row[3] for row in rows),
        )
        for frame, rows in by_frame.items()
    ]
    return sorted(found, key=lambda gap: (-len(gap.titles), gap.frame))


def refusals(results: Sequence[ResultsFile]) -> list[tuple[str, str]]:
    """Return the reasons why questions were refused although their data were there, each with its topic, without repeats."""
    said = [(finding.text, file.topic) for file in results for finding in file.findings if finding.refused]
    said += [
        (headline.reason, file.topic)
        for file in results
        for headline in file.headlines
        if headline.value is None and headline.reason and not group_of(headline.key)
    ]
    return list(dict.fromkeys(said))


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
