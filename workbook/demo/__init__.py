"""The demo company: an invented German automation supplier, simulated from known truths.

`simulate` returns clean canonical frames and the truth behind them; `write_demo` writes them as a firm would
have them, with dirt in counted places; `write_export` writes them as a CRM would export them.
"""

from workbook.demo.exports import CARRIED, CRMS, Crm, write_export
from workbook.demo.simulate import Company, simulate
from workbook.demo.write import write_demo

__all__ = ["CARRIED", "CRMS", "Company", "Crm", "simulate", "write_demo", "write_export"]
