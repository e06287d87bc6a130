"""Everything about the simulated company, seen and unseen, before it becomes canonical frames."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from workbook.demo.accounts import Accounts
from workbook.demo.billing import Billing
from workbook.demo.company import CompanyConfig
from workbook.demo.draw import Array
from workbook.demo.people import People


@dataclass(frozen=True, slots=True, kw_only=True)
class Latent:
    """What nobody at the company knows. deals: one row per opportunity (`outcomes.decide`); leads: one per
    lead.

    link: opportunity each lead became, as position in deals, −1 for none.
    """

    config: CompanyConfig
    accounts: Accounts
    people: People
    deals: pd.DataFrame
    leads: pd.DataFrame
    link: Array
    billing: Billing
