"""References between frames: mended where they are names or other spellings, counted, and accounts made where no file lists them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workbook.frames import FRAMES
from workbook.sources.accounts import CARRIERS
from workbook.sources.names import normalise
from workbook.sources.passing.engine import literal, quoted
from workbook.sources.passing.frame import FILE, HERE, PLACE, Frames, PassingFrame, always, sql_type
from workbook.sources.passing.parquet import LINE
from workbook.sources.passing.rows import doubles, letters_of
from workbook.sources.passing.unfit import Unfit
from workbook.sources.record import JoinRecord
from workbook.sources.references import LARGE_TARGET, lookups, suggestions
from workbook.text import msg

TOLD = {"industry": "account_industry", "country": "account_country", "employees": "account_employees"}  # columns of accounts that a deal may tell
MOST_OPEN = 1_000_000  # different references without a row that are looked up by name


@dataclass(frozen=True, slots=True)
class Link:
    """A column that points to a column of another frame."""

    frame: str
    column: str
    target: str
    key: str


def links(frames: Frames) -> Iterator[Link]:
    """Yield every reference that is filled and whose target has rows."""
    for name in list(frames.held):
        for column in FRAMES[name].columns:
            target, _, key = (column.references or "").partition(".")
            if target in frames and frames.has(name, column.name):
                yield Link(name, column.name, target, key)


def derive_accounts(frames: Frames) -> bool:
    """Make a row of every account that other frames name by its id where no file lists accounts; tell whether that was so."""
    if "accounts" in frames:
        return False
    parts = [
        f"SELECT account_id, {_told_of(frames[name])}, {HERE}, {place} AS frame FROM {frames[name].view} WHERE account_id IS NOT NULL"
        for place, name in enumerate(CARRIERS)
        if name in frames
    ]
    if not parts:
        return False
    engine = frames.engine
    told = ", ".join(f"arg_min({column}, (frame, {PLACE})) FILTER ({column} IS NOT NULL) AS {column}" for column in TOLD)
    engine.do(
        f"CREATE TEMP TABLE accounts_made AS SELECT account_id, {told}, arg_min({FILE}, (frame, {PLACE})) AS {FILE}, arg_min({LINE}, (frame, {PLACE})) AS {LINE}, "
        f"row_number() OVER (ORDER BY min((frame, {PLACE}))) AS {PLACE} FROM ({' UNION ALL '.join(parts)}) GROUP BY account_id ORDER BY {PLACE}"
    )
    n = engine.row("SELECT count(*) FROM accounts_made")[0]
    if not n:
        return False
    frames.ledger.assume(msg("{n} accounts were derived from the account names of other files", n=n))
    others = [quoted(name) if name in TOLD else f"NULL::{sql_type('accounts', name)} AS {quoted(name)}" for name in FRAMES["accounts"].names[1:]]
    engine.do(f"CREATE TEMP VIEW accounts AS SELECT account_id, {', '.join(others)}, {HERE} FROM accounts_made")
    frames.held["accounts"] = PassingFrame("accounts", engine, "accounts")
    return True


def _told_of(frame: PassingFrame) -> str:
    """Return what the rows of a frame tell of their account besides its id, as SQL."""
    return ", ".join(f"{helper if helper in frame.helpers else 'NULL'}::{sql_type('accounts', column)} AS {column}" for column, helper in TOLD.items())


def mend_links(frames: Frames) -> None:
    """Map references that are names, or spelled otherwise than their target, to the target's id, as `mend_references` does."""
    for link in list(links(frames)):
        frame = frames[link.frame]
        opened = _open_values(frames, link)
        if not opened:
            continue
        exact, near = _found(frames, link, list(opened))
        place = f"{link.frame}.{link.column}"
        if near:
            usual = max(near, key=lambda value: opened[value])
            frames.ledger.repair("spelling of references", place, sum(opened[value] for value in near), example=(usual, near[usual]))
        rename(frame, link.column, {**exact, **near})
        if link.column in frame.key and (exact or near) and (n := doubles(frame)):
            raise Unfit(msg("{n} lines lack what they need, or are there twice", n=n), frame.name)
        _suggest([value for value in opened if value not in exact and value not in near], link, frames)


def dangling(frames: Frames, link: Link) -> str:
    """Return the query for the rows of a frame whose reference finds no row."""
    frame, target = frames[link.frame], frames[link.target]
    return (
        f"SELECT here.* FROM {frame.view} AS here ANTI JOIN (SELECT {quoted(link.key)} AS there FROM {target.view}) "
        f"ON here.{quoted(link.column)} = there WHERE here.{quoted(link.column)} IS NOT NULL"
    )


def _open_values(frames: Frames, link: Link) -> dict[str, int]:
    """Return the values that find no row, in the order in which they come, with how often they are there."""
    column = quoted(link.column)
    found = frames.engine.rows(
        f"SELECT {column}, count(*), min({PLACE}) AS first FROM ({dangling(frames, link)}) GROUP BY {column} ORDER BY first LIMIT {MOST_OPEN + 1}"
    )
    if len(found) > MOST_OPEN:
        why = msg("more than {n} different references of {place} are not in the table", n=MOST_OPEN, place=f"{link.frame}.{link.column}")
        raise Unfit(why, f"{link.frame}, column {link.column}")
    return {value: count for value, count, _ in found}


def _found(frames: Frames, link: Link, opened: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the ids of open values that are names of their target, and of those that are spelled like exactly one id or name."""
    target, key = frames[link.target], quoted(link.key)
    letters = sorted({found for value in opened if (found := normalise(value))})
    has_name = any(column.name == "name" for column in target.columns)
    name = "name" if has_name else "NULL::VARCHAR AS name"
    _keep(frames, "open_values", opened)
    _keep(frames, "open_letters", letters)
    spelled = f"{letters_of(link.key)} IN (SELECT value FROM open_letters)"
    named = f" OR name IN (SELECT value FROM open_values) OR {letters_of('name')} IN (SELECT value FROM open_letters)" if has_name else ""
    candidates = frames.engine.arrow(f"SELECT {key}, {name} FROM {target.view} WHERE {spelled}{named} ORDER BY {PLACE}").to_pandas()
    by_name, by_letters = lookups(candidates.astype("str"), link.key)
    exact = {value: by_name[value] for value in opened if value in by_name}
    near = {value: by_letters[normalise(value)] for value in opened if value not in exact and by_letters.get(normalise(value))}
    return exact, near


def _keep(frames: Frames, name: str, values: list[str]) -> None:
    import pyarrow as pa

    frames.engine.give(name, pa.table({"value": pa.array(values, pa.string())}))


def rename(frame: PassingFrame, reference: str, names: dict[str, str]) -> None:
    """Put other values in the place of some of a column that refers to rows."""
    import pyarrow as pa

    if not names:
        return
    table = f"{frame.view}_{reference}_renamed".replace('"', "")
    frame.engine.give(table, pa.table({"before": pa.array(list(names), pa.string()), "after": pa.array(list(names.values()), pa.string())}))
    column = quoted(reference)
    frame.lay(
        f"SELECT * EXCLUDE (before, after) REPLACE (coalesce(after, {column}) AS {column}) FROM {frame.view} LEFT JOIN {quoted(table)} ON before = {column}"
    )
    frame.is_joined = True


def _suggest(values: list[str], link: Link, frames: Frames) -> None:
    """Name the nearest target of a value that looks like a slip of the pen; nothing is changed."""
    target = frames[link.target]
    if not values or target.rows > LARGE_TARGET:
        return
    ids = {str(id_) for (id_,) in frames.engine.rows(f"SELECT DISTINCT {quoted(link.key)} FROM {target.view} WHERE {quoted(link.key)} IS NOT NULL")}
    place, frame = f"{link.frame}.{link.column}", frames[link.frame]
    for value, near in suggestions(values, ids):
        hit = f"SELECT {HERE}, '' AS id, {quoted(link.column)} AS value FROM {frame.view} WHERE {quoted(link.column)} = {literal(value)}"
        said = msg("{value} in {place} is perhaps {near}; it was left as it is", value=value, place=place, near=near)
        frames.flag("possible misspellings", (link.frame, link.column), hit, always(said))


def count_links(frames: Frames, all_derived: bool) -> tuple[list[JoinRecord], dict[Link, int]]:
    """Count per reference how many filled cells find their row, and how many do not.

    Where all accounts are derived there is no join to speak of, and none is listed.
    """
    joins, lost = [], {}
    for link in links(frames):
        total = frames[link.frame].filled[link.column]
        lost[link] = frames.engine.row(f"SELECT count(*) FROM ({dangling(frames, link)})")[0]
        if link.target != "accounts" or not all_derived:
            found = JoinRecord(frame=link.frame, column=link.column, references=f"{link.target}.{link.key}", matched=total - lost[link], total=total)
            joins.append(found)
    return joins, lost

