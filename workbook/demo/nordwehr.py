"""The demo company's own parameters: segments, regions, products and lead sources."""

from __future__ import annotations

from datetime import date

from workbook.demo.company import CompanyConfig, Product, Region, Segment, Source
from workbook.demo.rivals import COMPETITORS

SEGMENTS = (
    Segment(
        name="machine builders", weight=0.34, win=0.42, price=1.6, no_decision=0.08, amount=34_000, cycle_days=115,
        retention=0.90, margin=0.38, discount=0.050, deal_rate=1.05, employees=170, satisfaction=0.25, competition=0.55,
        industries={"Mechanical engineering": 0.55, "Packaging machinery": 0.25, "Automotive supply": 0.12,
                    "Electronics": 0.08},
        needs={"Shorter cycle times": 0.6, "Open interfaces": 0.65, "Engineering support": 0.5, "Low price": 0.12,
               "Uptime": 0.25, "Scalability": 0.2},
        values={"Innovation": 0.6, "Partnership": 0.5, "Thrift": 0.1, "Safety": 0.2, "Speed": 0.3},
        channels={"Field sales": 0.55, "Inside sales": 0.15, "Partner": 0.2, "Web shop": 0.1},
        sensitivity={"low": 0.25, "medium": 0.6, "high": 0.15},
        families=(0.45, 0.25, 0.15, 0.15),
        rivals={"Takemori Motion": 0.42, "Velmont Controls": 0.18, "Brennhagen Systeme": 0.25, "Pendrix": 0.10,
                "In-house build": 0.05},
    ),
    Segment(
        name="process plants", weight=0.20, win=0.30, price=1.0, no_decision=0.14, amount=66_000, cycle_days=185,
        retention=0.95, margin=0.43, discount=0.060, deal_rate=0.95, employees=620, satisfaction=0.45, competition=0.50,
        industries={"Chemicals": 0.3, "Food and beverage": 0.3, "Pharmaceuticals": 0.25, "Water and energy": 0.15},
        needs={"Uptime": 0.7, "Traceability": 0.6, "Compliance": 0.55, "Engineering support": 0.25, "Low price": 0.08,
               "Scalability": 0.15},
        values={"Safety": 0.65, "Sustainability": 0.45, "Partnership": 0.3, "Innovation": 0.2, "Thrift": 0.1},
        channels={"Field sales": 0.75, "Inside sales": 0.1, "Partner": 0.12, "Web shop": 0.03},
        sensitivity={"low": 0.55, "medium": 0.38, "high": 0.07},
        families=(0.2, 0.25, 0.1, 0.45),
        rivals={"Velmont Controls": 0.48, "Takemori Motion": 0.20, "Quelltal Integration": 0.20, "Pendrix": 0.04,
                "Brennhagen Systeme": 0.08},
    ),
    Segment(
        name="contract manufacturers", weight=0.28, win=-0.42, price=3.6, no_decision=0.11, amount=13_000,
        cycle_days=65, retention=0.76, margin=0.25, discount=0.085, deal_rate=0.95, employees=48, satisfaction=-0.45,
        competition=0.66,
        industries={"Metalworking": 0.5, "Plastics": 0.22, "Automotive supply": 0.18, "Electronics": 0.10},
        needs={"Low price": 0.75, "Easy set-up": 0.6, "Fast delivery": 0.5, "Engineering support": 0.2,
               "Shorter cycle times": 0.25, "Open interfaces": 0.1},
        values={"Thrift": 0.65, "Speed": 0.45, "Independence": 0.35, "Innovation": 0.12, "Partnership": 0.15},
        channels={"Web shop": 0.4, "Inside sales": 0.35, "Field sales": 0.15, "Partner": 0.1},
        sensitivity={"low": 0.05, "medium": 0.3, "high": 0.65},
        families=(0.5, 0.2, 0.25, 0.05),
        rivals={"Pendrix": 0.60, "Brennhagen Systeme": 0.15, "In-house build": 0.15, "Takemori Motion": 0.10},
    ),
    Segment(
        name="intralogistics", weight=0.18, win=0.05, price=2.0, no_decision=0.10, amount=46_000, cycle_days=130,
        retention=0.87, margin=0.32, discount=0.065, deal_rate=1.15, employees=210, satisfaction=0.05, competition=0.60,
        industries={"Logistics": 0.5, "Retail and e-commerce": 0.25, "Packaging machinery": 0.08,
                    "Food and beverage": 0.09, "Mechanical engineering": 0.08},
        needs={"Throughput": 0.7, "Scalability": 0.6, "Fast delivery": 0.3, "Uptime": 0.4, "Open interfaces": 0.3,
               "Low price": 0.25},
        values={"Speed": 0.6, "Innovation": 0.35, "Sustainability": 0.25, "Thrift": 0.25, "Partnership": 0.2},
        channels={"Field sales": 0.4, "Partner": 0.35, "Inside sales": 0.15, "Web shop": 0.1},
        sensitivity={"low": 0.15, "medium": 0.55, "high": 0.3},
        families=(0.2, 0.2, 0.4, 0.2),
        rivals={"Quelltal Integration": 0.42, "Takemori Motion": 0.25, "Pendrix": 0.18, "In-house build": 0.15},
    ),
)  # fmt: skip

REGIONS = (
    Region(name="Bavaria", countries={"Germany": 1}, market="DACH", weight=13, win=0.12,
           adopted_on=date(2023, 4, 1), owners=4),
    Region(name="Baden-Württemberg", countries={"Germany": 1}, market="DACH", weight=13, win=0.16,
           adopted_on=date(2023, 7, 1), owners=4),
    Region(name="Rhine-Ruhr", countries={"Germany": 1}, market="DACH", weight=12, win=0.0,
           adopted_on=date(2023, 10, 1), owners=4),
    Region(name="North Germany", countries={"Germany": 1}, market="DACH", weight=9, win=0.05,
           adopted_on=date(2023, 10, 1), owners=3),
    Region(name="East Germany", countries={"Germany": 1}, market="DACH", weight=7, win=-0.10,
           adopted_on=date(2024, 4, 1), owners=3),
    Region(name="Austria", countries={"Austria": 1}, market="DACH", weight=8, win=0.04,
           adopted_on=date(2024, 1, 1), owners=3),
    Region(name="Switzerland", countries={"Switzerland": 0.93, "Liechtenstein": 0.07}, market="DACH", weight=8,
           win=0.0, adopted_on=None, owners=3),
    Region(name="Benelux", countries={"Netherlands": 0.55, "Belgium": 0.38, "Luxembourg": 0.07}, market="Benelux",
           weight=8, win=-0.08, adopted_on=date(2024, 7, 1), owners=3),
    Region(name="Nordics", countries={"Sweden": 0.4, "Denmark": 0.35, "Norway": 0.25}, market="Nordics", weight=7,
           win=-0.05, adopted_on=date(2024, 10, 1), owners=3),
    Region(name="France", countries={"France": 1}, market="South-West", weight=8, win=-0.12, adopted_on=None, owners=3),
    Region(name="Italy", countries={"Italy": 1}, market="South-West", weight=7, win=-0.10, adopted_on=None, owners=3),
    Region(name="Poland-Czechia", countries={"Poland": 0.6, "Czechia": 0.4}, market="East", weight=5, win=-0.18,
           adopted_on=date(2025, 1, 1), owners=2),
)  # fmt: skip

PRODUCTS = (
    Product(name="NW-Control X", family="Motion control", list_price=9_800, launched_on=date(2018, 3, 1), weight=4),
    Product(name="NW-Control S", family="Motion control", list_price=3_900, launched_on=date(2016, 9, 1), weight=3),
    Product(name="NW-Drive 80", family="Motion control", list_price=6_200, launched_on=date(2019, 5, 1), weight=3),
    Product(name="NW-Eye", family="Machine vision", list_price=12_500, launched_on=date(2017, 11, 1), weight=3),
    Product(name="NW-Eye Line", family="Machine vision", list_price=21_000, launched_on=date(2020, 10, 1), weight=2),
    Product(name="NW-Eye Deep", family="Machine vision", list_price=27_500, launched_on=date(2024, 2, 1), weight=2),
    Product(name="NW-Cell M", family="Robot cells", list_price=48_000, launched_on=date(2018, 6, 1), weight=3),
    Product(name="NW-Cell L", family="Robot cells", list_price=92_000, launched_on=date(2021, 4, 1), weight=2),
    Product(name="NW-Flow Suite", family="Industrial software", list_price=18_000, launched_on=date(2019, 1, 1), weight=3),
    Product(name="NW-Insight", family="Industrial software", list_price=14_500, launched_on=date(2021, 9, 1), weight=2),
    Product(name="NW-Edge", family="Industrial software", list_price=7_400, launched_on=date(2023, 9, 1), weight=2),
)  # fmt: skip

SOURCES = (
    Source(name="Web form", weight=0.17, mql=0.55, sql=0.05, delay_days=0.3, is_marketing=True, cost_per_lead=38),
    Source(name="Trade fair", weight=0.14, mql=-0.25, sql=-0.10, delay_days=5.0, is_marketing=True, cost_per_lead=165),
    Source(name="Webinar", weight=0.16, mql=-0.40, sql=-0.45, delay_days=6.0, is_marketing=True, cost_per_lead=46),
    Source(name="Content download", weight=0.19, mql=-0.90, sql=-0.60, delay_days=9.0, is_marketing=True,
           cost_per_lead=31),
    Source(name="Search ads", weight=0.13, mql=-0.30, sql=-0.25, delay_days=2.0, is_marketing=True, cost_per_lead=88),
    Source(name="Social ads", weight=0.09, mql=-1.20, sql=-0.85, delay_days=8.0, is_marketing=True, cost_per_lead=72),
    Source(name="Referral", weight=0.06, mql=1.10, sql=0.80, delay_days=0.5, is_marketing=False, cost_per_lead=0),
    Source(name="Partner", weight=0.06, mql=0.60, sql=0.45, delay_days=1.0, is_marketing=False, cost_per_lead=20),
)  # fmt: skip

NORDWEHR = CompanyConfig(
    segments=SEGMENTS, competitors=COMPETITORS, regions=REGIONS, products=PRODUCTS, sources=SOURCES
)
