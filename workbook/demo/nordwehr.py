"""The demo company's own parameters: regions, products and lead sources; segments and rivals join them."""

from __future__ import annotations

from datetime import date

from workbook.demo.company import CompanyConfig, Product, Region, Source
from workbook.demo.rivals import COMPETITORS
from workbook.demo.segments import SEGMENTS

REGIONS = (
    Region(
        name="Bavaria",
        countries={"Germany": 1},
        market="DACH",
        weight=13,
        win=0.12,
        adopted_on=date(2023, 4, 1),
        owners=4,
    ),
    Region(
        name="Baden-Württemberg",
        countries={"Germany": 1},
        market="DACH",
        weight=13,
        win=0.16,
        adopted_on=date(2023, 7, 1),
        owners=4,
    ),
    Region(
        name="Rhine-Ruhr",
        countries={"Germany": 1},
        market="DACH",
        weight=12,
        win=0.0,
        adopted_on=date(2023, 10, 1),
        owners=4,
    ),
    Region(
        name="North Germany",
        countries={"Germany": 1},
        market="DACH",
        weight=9,
        win=0.05,
        adopted_on=date(2023, 10, 1),
        owners=3,
    ),
    Region(
        name="East Germany",
        countries={"Germany": 1},
        market="DACH",
        weight=7,
        win=-0.10,
        adopted_on=date(2024, 4, 1),
        owners=3,
    ),
    Region(
        name="Austria",
        countries={"Austria": 1},
        market="DACH",
        weight=8,
        win=0.04,
        adopted_on=date(2024, 1, 1),
        owners=3,
    ),
    Region(
        name="Switzerland",
        countries={"Switzerland": 0.93, "Liechtenstein": 0.07},
        market="DACH",
        weight=8,
        win=0.0,
        adopted_on=None,
        owners=3,
    ),
    Region(
        name="Benelux",
        countries={"Netherlands": 0.55, "Belgium": 0.38, "Luxembourg": 0.07},
        market="Benelux",
        weight=8,
        win=-0.08,
        adopted_on=date(2024, 7, 1),
        owners=3,
    ),
    Region(
        name="Nordics",
        countries={"Sweden": 0.4, "Denmark": 0.35, "Norway": 0.25},
        market="Nordics",
        weight=7,
        win=-0.05,
        adopted_on=date(2024, 10, 1),
        owners=3,
    ),
    Region(
        name="France",
        countries={"France": 1},
        market="South-West",
        weight=10,
        win=-0.12,
        adopted_on=None,
        owners=3,
    ),
    Region(
        name="Italy",
        countries={"Italy": 1},
        market="South-West",
        weight=9,
        win=-0.10,
        adopted_on=None,
        owners=3,
    ),
    Region(
        name="Poland-Czechia",
        countries={"Poland": 0.6, "Czechia": 0.4},
        market="East",
        weight=7,
        win=-0.18,
        adopted_on=date(2025, 1, 1),
        owners=2,
    ),
)

PRODUCTS = (
    Product(name="NW-Control X", family="Motion control", list_price=9_800, launched_on=date(2018, 3, 1), weight=4),
    Product(name="NW-Control S", family="Motion control", list_price=3_900, launched_on=date(2016, 9, 1), weight=3),
    Product(name="NW-Drive 80", family="Motion control", list_price=6_200, launched_on=date(2019, 5, 1), weight=3),
    Product(name="NW-Eye", family="Machine vision", list_price=12_500, launched_on=date(2017, 11, 1), weight=3),
    Product(
        name="NW-Eye Line",
        family="Machine vision",
        list_price=21_000,
        launched_on=date(2020, 10, 1),
        weight=2,
    ),
    Product(name="NW-Eye Deep", family="Machine vision", list_price=27_500, launched_on=date(2024, 2, 1), weight=2),
    Product(name="NW-Cell M", family="Robot cells", list_price=48_000, launched_on=date(2018, 6, 1), weight=3),
    Product(name="NW-Cell L", family="Robot cells", list_price=92_000, launched_on=date(2021, 4, 1), weight=2),
    Product(
        name="NW-Flow Suite",
        family="Industrial software",
        list_price=18_000,
        launched_on=date(2019, 1, 1),
        weight=3,
    ),
    Product(
        name="NW-Insight",
        family="Industrial software",
        list_price=14_500,
        launched_on=date(2021, 9, 1),
        weight=2,
    ),
    Product(name="NW-Edge", family="Industrial software", list_price=7_400, launched_on=date(2023, 9, 1), weight=2),
)

SOURCES = (
    Source(name="Web form", weight=0.17, mql=0.55, sql=0.05, delay_days=0.3, is_marketing=True, cost_per_lead=38),
    Source(
        name="Trade fair",
        weight=0.14,
        mql=-0.25,
        sql=-0.10,
        delay_days=5.0,
        is_marketing=True,
        cost_per_lead=165,
    ),
    Source(name="Webinar", weight=0.16, mql=-0.40, sql=-0.45, delay_days=6.0, is_marketing=True, cost_per_lead=46),
    Source(
        name="Content download",
        weight=0.19,
        mql=-0.90,
        sql=-0.60,
        delay_days=9.0,
        is_marketing=True,
        cost_per_lead=31,
    ),
    Source(
        name="Search ads",
        weight=0.13,
        mql=-0.30,
        sql=-0.25,
        delay_days=2.0,
        is_marketing=True,
        cost_per_lead=88,
    ),
    Source(
        name="Social ads",
        weight=0.09,
        mql=-1.20,
        sql=-0.85,
        delay_days=8.0,
        is_marketing=True,
        cost_per_lead=72,
    ),
    Source(name="Referral", weight=0.06, mql=1.10, sql=0.80, delay_days=0.5, is_marketing=False, cost_per_lead=0),
    Source(name="Partner", weight=0.06, mql=0.60, sql=0.45, delay_days=1.0, is_marketing=False, cost_per_lead=20),
)

NORDWEHR = CompanyConfig(segments=SEGMENTS, competitors=COMPETITORS, regions=REGIONS, products=PRODUCTS, sources=SOURCES)
