"""Business hours at headquarters: Monday to Friday, 8 to 17 o'clock, without German public holidays."""

from __future__ import annotations

from functools import lru_cache

import holidays
import numpy as np

from workbook.demo.draw import Array

OPENS, CLOSES = 8, 17
HOURS = CLOSES - OPENS


@lru_cache
def _calendar() -> np.busdaycalendar:
    free = holidays.country_holidays("DE", years=range(2021, 2028))
    return np.busdaycalendar(holidays=np.array(sorted(free), dtype="datetime64[D]"))


def add_business_hours(start: Array, hours: Array) -> Array:
    """Return the moment that many business hours later. Arrays of datetime64[m] and hours."""
    day = start.astype("datetime64[D]")
    of_day = (start - day).astype("timedelta64[m]").astype(float) / 60
    is_open = np.is_busday(day, busdaycal=_calendar())
    first = np.busday_offset(day, np.where(is_open & (of_day >= CLOSES), 1, 0), roll="forward", busdaycal=_calendar())
    worked = np.where(is_open & (of_day < CLOSES), np.clip(of_day - OPENS, 0, HOURS), 0.0)
    total = worked + hours
    whole = np.floor(total / HOURS).astype(int)
    end = np.busday_offset(first, whole, roll="forward", busdaycal=_calendar())
    minutes = np.floor((OPENS + total - whole * HOURS) * 60).astype("timedelta64[m]")
    return np.asarray(end.astype("datetime64[m]") + minutes)
