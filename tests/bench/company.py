"""A company of any size as canonical frames: what grows is drawn in DuckDB, what does not comes from the demo company.

    python -m tests.bench.company FOLDER --entries 1_000_000

Drawn by hashing row numbers: the same size and seed give the same company. Five stage entries per deal; per ten deals one account,
ten leads, twenty touches, fifteen contacts, ten invoice lines, one answer of a customer.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from workbook.frames import FRAMES
from workbook.frames.column import ARROW_TYPES
from workbook.params import load_params
from workbook.sources import import_frames, load_import
from workbook.sources.record import RECORD_NAME

DEMO = Path(__file__).resolve().parents[2] / "params" / "demo.yaml"
AS_OF = date(2026, 9, 30)
ENTRIES_PER_DEAL = 5
SQL_TYPES = {
    "string": "VARCHAR", "int64": "BIGINT", "float64": "DOUBLE", "decimal128(18, 2)": "DECIMAL(18, 2)", "date32": "DATE", "timestamp[us]": "TIMESTAMP",
    "bool": "BOOLEAN",
}  # fmt: skip

# u(i, what): uniform on [0, 1), the same for the same row, word and seed. of(values, u): one of the values, the first ones more often.
MACROS = """
CREATE MACRO u(i, what) AS (hash(i, what, {seed}) >> 11)::DOUBLE / 9007199254740992.0;
CREATE MACRO of(names, x) AS names[1 + floor(len(names) * x * x)::INTEGER];
CREATE MACRO any_of(names, x) AS names[1 + floor(len(names) * x)::INTEGER];
CREATE MACRO id(letter, i) AS letter || lpad(i::VARCHAR, 8, '0');
CREATE MACRO regions() AS ['Bavaria', 'Rhine-Ruhr', 'East Germany', 'Nordics', 'France', 'Italy', 'Iberia', 'Benelux', 'Austria', 'Switzerland'];
CREATE MACRO segments() AS ['Mid-market', 'Small', 'Key account'];
CREATE MACRO industries() AS ['Machinery', 'Food and beverage', 'Pharmaceuticals', 'Automotive', 'Packaging', 'Electronics', 'Logistics', 'Chemicals'];
CREATE MACRO countries() AS ['Germany', 'France', 'Italy', 'Austria', 'Sweden', 'Spain', 'Netherlands', 'Switzerland'];
CREATE MACRO needs() AS ['Uptime', 'Traceability', 'Compliance', 'Engineering support', 'Scalability', 'Price', 'Speed'];
CREATE MACRO rivals() AS ['Pendrix', 'Takemori Motion', 'Brennhagen Systeme', 'Velmont Controls', 'Quelltal Integration', 'In-house build'];
CREATE MACRO sources() AS ['Existing customer', 'Sales outbound', 'Search ads', 'Webinar', 'Trade fair', 'Partner', 'Referral'];
CREATE MACRO products() AS (SELECT list(product_id ORDER BY product_id) FROM '{folder}/products.parquet');
"""

GROWING = {
    "accounts": """
        SELECT id('A', i) AS account_id, 'Company ' || i AS name, any_of(industries(), u(i, 'industry')) AS industry, of(countries(), u(i, 'country')) AS country,
            any_of(regions(), u(i, 'region')) AS region, of(segments(), u(i, 'segment')) AS segment, floor(exp(3 + 5 * u(i, 'size'))) AS employees,
            employees * 150000 AS revenue, 'EUR' AS currency, 1900 + floor(120 * u(i, 'founded')) AS founded_year,
            as_of() - floor(4000 * u(i, 'since'))::INTEGER AS customer_since_on,
            any_of(needs(), u(i, 'need')) || '; ' || any_of(needs(), u(i, 'other need')) AS needs, any_of(['Web shop', 'Field sales', 'Partner'], u(i, 'way')) AS channel_preference,
            any_of(['high', 'medium', 'low'], u(i, 'price')) AS price_sensitivity
        FROM range({deals} // 10) AS rows(i)""",
    "opportunities": """
        WITH drawn AS (
            SELECT i, as_of() - 10 - floor(1720 * u(i, 'created'))::INTEGER AS created_on, 10 + floor(320 * u(i, 'days') ** 2)::INTEGER AS days,
                floor({deals} // 10 * u(i, 'account') ** 1.5)::BIGINT AS account, u(i, 'won') AS luck, exp(8 + 4 * u(i, 'amount')) AS amount,
                CASE WHEN u(i, 'met') < 0.33 THEN NULL WHEN u(i, 'met') < 0.6 THEN 'none' ELSE of(rivals(), u(i, 'rival')) END AS competitor
            FROM range({deals}) AS rows(i)),
        ended AS (
            SELECT *, created_on + days AS ends_on, luck + CASE competitor WHEN 'Pendrix' THEN 0.06 WHEN 'none' THEN -0.05 ELSE 0 END AS score,
                CASE WHEN created_on + days > as_of() THEN 'open' WHEN score < 0.4 THEN 'won' WHEN score < 0.88 THEN 'lost' ELSE 'no_decision' END AS status
            FROM drawn)
        SELECT id('O', i) AS opportunity_id, 'Deal ' || i AS name, status, CASE WHEN u(i, 'no account') > 0.03 THEN id('A', account) END AS account_id,
            id('P', floor(greatest({deals} // 2000, 20) * u(i, 'owner'))::BIGINT) AS owner_id, of(products(), u(i, 'product')) AS product_id,
            CASE WHEN u(i, 'lead') < 0.3 THEN id('L', i) END AS lead_id, any_of(regions(), u(account, 'region')) AS region, of(segments(), u(account, 'segment')) AS segment,
            'Sales' AS pipeline, CASE status WHEN 'open' THEN of(['Discovery', 'Technical fit', 'Offer', 'Negotiation'], u(i, 'stage')) ELSE 'Closed ' || status END AS stage,
            created_on, CASE status WHEN 'open' THEN ends_on END AS expected_close_on, CASE WHEN status <> 'open' THEN ends_on END AS closed_on,
            CASE WHEN u(i, 'no amount') > 0.04 THEN amount END AS amount, 'EUR' AS currency,
            CASE WHEN u(i, 'discounted') < 0.7 THEN round(0.3 * u(i, 'discount'), 3) END AS discount_share, 0.5 AS probability, of(sources(), u(i, 'source')) AS source,
            CASE WHEN u(i, 'second') < 0.03 THEN competitor || '; Velmont Controls' ELSE competitor END AS competitor,
            CASE WHEN status = 'lost' THEN of(['Price', 'Function', 'Timing', 'Relationship', 'Delivery', NULL], u(i, 'reason')) END AS loss_reason,
            CASE WHEN u(i, 'type') < 0.4 THEN 'new' ELSE 'expansion' END AS business_type, u(i, 'lead') < 0.2 AS is_marketing_sourced
        FROM ended""",
    "stage_entries": """
        SELECT opportunity_id, ['Discovery', 'Technical fit', 'Offer', 'Negotiation', 'Decision'][step] AS stage,
            created_on + to_hours((step - 1) * 24 * greatest(coalesce(closed_on, as_of()) - created_on, 5) // 5) AS entered_at, owner_id AS entered_by
        FROM '{folder}/opportunities.parquet', range(1, {entries_per_deal} + 1) AS steps(step)""",
    "leads": """
        WITH drawn AS (SELECT i, as_of()::TIMESTAMP - to_minutes(floor(1720 * 1440 * u(i, 'created'))::BIGINT) AS created_at FROM range({deals}) AS rows(i))
        SELECT id('L', i) AS lead_id, CASE WHEN u(i, 'known') < 0.6 THEN id('A', floor({deals} // 10 * u(i, 'account'))::BIGINT) END AS account_id,
            id('P', floor(greatest({deals} // 2000, 20) * u(i, 'owner'))::BIGINT) AS owner_id, any_of(regions(), u(i, 'region')) AS region,
            of(sources(), u(i, 'source')) AS source, of(sources(), u(i, 'source')) || ' ' || year(created_at) AS campaign, created_at,
            CASE WHEN u(i, 'mql') < 0.5 THEN created_at + to_hours(floor(72 * u(i, 'mql after'))::BIGINT) END AS mql_at,
            mql_at + to_minutes(floor(4000 * u(i, 'answer') ** 2)::BIGINT) AS first_response_at,
            CASE WHEN u(i, 'sql') < 0.5 THEN mql_at + to_hours(floor(400 * u(i, 'sql after'))::BIGINT) END AS sql_at,
            CASE WHEN u(i, 'sql') > 0.8 THEN mql_at + to_hours(floor(400 * u(i, 'sql after'))::BIGINT) END AS rejected_at,
            CASE WHEN u(i, 'sql') > 0.9 THEN 'No budget' END AS rejection_reason,
            CASE WHEN u(i, 'customer') < 0.15 THEN sql_at + to_hours(floor(4000 * u(i, 'customer after'))::BIGINT) END AS customer_at
        FROM drawn""",
    "activities": """
        SELECT id('T', i) AS activity_id, CASE WHEN u(i, 'deal') < 0.7 THEN opportunity_id END AS opportunity_id,
            CASE WHEN u(i, 'deal') >= 0.7 THEN id('L', i // 2) END AS lead_id, created_on + to_minutes(floor(90 * 1440 * u(i, 'when'))::BIGINT) AS occurred_at,
            of(['e-mail', 'call', 'meeting', 'demo', 'site visit'], u(i, 'kind')) AS kind, of(['e-mail', 'phone', 'in person'], u(i, 'kind')) AS channel,
            any_of(['inbound', 'outbound'], u(i, 'direction')) AS direction, owner_id AS person_id
        FROM (SELECT 2 * (substr(opportunity_id, 2)::BIGINT) + k AS i, opportunity_id, created_on, owner_id
            FROM '{folder}/opportunities.parquet', range(2) AS twice(k))""",
    "contacts": """
        SELECT 'K' || substr(opportunity_id, 2) || k AS contact_id, opportunity_id, account_id,
            of(['User', 'Technical buyer', 'Economic buyer', 'Purchasing', 'Champion'], u(opportunity_id, k::VARCHAR)) AS role
        FROM '{folder}/opportunities.parquet', range(1 + (u(opportunity_id, 'contacts') < 0.4)::INTEGER + (u(opportunity_id, 'contacts') < 0.1)::INTEGER) AS many(k)""",
    "invoices": """
        SELECT id('R', i) AS invoice_id, id('A', floor({deals} // 10 * u(i, 'account') ** 1.5)::BIGINT) AS account_id, of(products(), u(i, 'product')) AS product_id,
            as_of() - floor(1720 * u(i, 'day'))::INTEGER AS invoiced_on, exp(5 + 4 * u(i, 'amount')) AS amount, 'EUR' AS currency,
            CASE WHEN u(i, 'no margin') > 0.05 THEN amount * (0.2 + 0.3 * u(i, 'margin')) END AS margin, u(i, 'contract') < 0.3 AS is_recurring
        FROM range({deals}) AS rows(i)""",
    "feedback": """
        SELECT id('F', i) AS feedback_id, id('A', floor({deals} // 10 * u(i, 'account') ** 1.5)::BIGINT) AS account_id,
            as_of() - floor(1000 * u(i, 'day'))::INTEGER AS answered_on, any_of(['NPS', 'CSAT'], u(i, 'kind')) AS instrument, floor(11 * sqrt(u(i, 'score'))) AS score
        FROM range({deals} // 10) AS rows(i)""",
}  # fmt: skip


def write_company(folder: Path, entries: int, seed: int = 7) -> None:
    """Write `<frame>.parquet` for every frame and `import.json`: a folder of canonical frames as an import leaves it."""
    import duckdb

    _write_demo(folder)
    deals = entries // ENTRIES_PER_DEAL
    with duckdb.connect(config={"memory_limit": "2GiB", "preserve_insertion_order": False}) as database:
        database.execute(MACROS.format(seed=seed, folder=folder))
        database.execute(f"CREATE MACRO as_of() AS DATE '{AS_OF}'")
        for name, query in GROWING.items():
            drawn = query.format(folder=folder, deals=deals, entries_per_deal=ENTRIES_PER_DEAL)
            _write(database, name, drawn, folder / f"{name}.parquet")
        _write_record(database, folder)


def _write_demo(folder: Path) -> None:
    """Write the frames of the demo company with the account of their import."""
    with tempfile.TemporaryDirectory(prefix="bench-") as imported:
        import_frames(load_params(DEMO), Path(imported))
        for path in Path(imported).iterdir():
            shutil.copy(path, folder / path.name)


def _write_record(database: Any, folder: Path) -> None:
    """Say in the account of the import which columns hold values in the frames that were drawn; it stays the demo's otherwise."""
    record = load_import(folder)
    for name in GROWING:
        columns = FRAMES[name].names
        counts = database.execute(f"SELECT {', '.join(f'count({column})' for column in columns)} FROM '{folder / name}.parquet'").fetchone()
        record.frames[name].present = [column for column, count in zip(columns, counts, strict=True) if count]
    (folder / RECORD_NAME).write_text(record.text(), encoding="utf-8", newline="\n")


def _write(database: Any, name: str, query: str, path: Path) -> None:
    """Write what a query gives as a frame: all its columns with their types, in their order, and where a row would come from."""
    database.execute(f"CREATE OR REPLACE TEMP VIEW drawn AS {query}")
    there = {row[0] for row in database.execute("DESCRIBE drawn").fetchall()}
    columns = [f"{c.name if c.name in there else 'NULL'}::{SQL_TYPES[ARROW_TYPES[c.kind]]} AS \"{c.name}\"" for c in FRAMES[name].columns]
    columns += [f"'{name}' AS source_file", "row_number() OVER () AS source_line"]
    database.execute(f"COPY (SELECT {', '.join(columns)} FROM drawn) TO '{path}' (FORMAT parquet)")


def main(arguments: list[str] | None = None) -> int:
    """Write the company that the command line asks for."""
    parser = argparse.ArgumentParser(prog="company", description="Write a company as a folder of canonical Parquet frames.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--entries", type=int, default=1_000_000, help="rows of stage_entries; the other frames in proportion")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    write_company(options.folder, options.entries)
    return 0


if __name__ == "__main__":
    sys.exit(main())
