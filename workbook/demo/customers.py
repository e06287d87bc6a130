"""Who is a customer from when to when."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.demo.accounts import Accounts
from workbook.demo.company import AS_OF, START
from workbook.demo.draw import Array, Rng

END = np.datetime64(AS_OF, "M")


def customer_spells(rng: Rng, deals: pd.DataFrame, accounts: Accounts) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each customer stays year by year until a renewal fails; a later won deal brings it back."""
    won = deals[deals["status"] == "won"].sort_values("closed", kind="stable")
    starts = {a: list(rows["closed"].to_numpy("datetime64[M]")) for a, rows in won.groupby("account")}
    since = accounts.frame["customer_since_on"].to_numpy("datetime64[M]")
    spells, renewals = [], []
    for account in range(len(since)):
        events = starts.get(account, [])
        if not np.isnat(since[account]):
            anniversary = np.datetime64(START, "M") - int(rng.integers(0, 12))
            events = [anniversary, *events]
        until = np.datetime64("1900-01", "M")
        for event in events:
            if event < until:
                continue
            until = event
            while until < END:
                until = until + 12
                if until > END:
                    break
                is_kept = bool(rng.random() >= accounts.churn[account])
                renewals.append((account, int(accounts.segment[account]), until, is_kept))
                if not is_kept:
                    break
            ended = until <= END and not renewals[-1][3] if renewals and renewals[-1][0] == account else False
            spells.append((account, event, until if ended else np.datetime64("NaT", "M")))
            until = until if ended else END + 1
    return (
        pd.DataFrame(spells, columns=["account", "first", "last"]),
        pd.DataFrame(renewals, columns=["account", "segment", "month", "is_kept"]),
    )


def active_in(spells: pd.DataFrame, month: np.datetime64) -> Array:
    """Accounts that are customers in a month. Sorted positions."""
    last = spells["last"].to_numpy("datetime64[M]")
    is_active = (spells["first"].to_numpy("datetime64[M]") <= month) & (np.isnat(last) | (last > month))
    return np.unique(spells["account"].to_numpy()[is_active])
