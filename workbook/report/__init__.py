"""The report: a page per chapter, the management page, and everything in one file. Reads executed notebooks and results."""

from workbook.report.chapter import ChapterPages, render_chapter
from workbook.report.facts import ChapterFact, ImportFacts, Link, ReportFacts, SourceFact, navigation
from workbook.report.mail import render_mail
from workbook.report.management import render_index

__all__ = [
    "ChapterFact",
    "ChapterPages",
    "ImportFacts",
    "Link",
    "ReportFacts",
    "SourceFact",
    "navigation",
    "render_chapter",
    "render_index",
    "render_mail",
]
