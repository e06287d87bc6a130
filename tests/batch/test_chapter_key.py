"""Each kind of change runs again exactly the chapters that looked at what changed."""

import os

import pytest

from tests.batch.notebook_for_tests import code, markdown, notebook
from workbook.analyses import NOTEBOOKS
from workbook.batch import keys, notebooks
from workbook.batch.chapter_key import chapter_key
from workbook.batch.plan import make_plan
from workbook.chapter import IMPORT, PLAN, SETTINGS, frame_note, settings_note
from workbook.params import RunParams

DEALS = "opportunity_id,name,status,created_on,closed_on,amount,currency\n" + "".join(
    f"O{n},Deal {n},{'won' if n % 2 else 'lost'},2026-01-{n + 1:02d},2026-03-{n + 1:02d},{100 + n},EUR\n" for n in range(20)
)
PRODUCTS = "Nr,Product,Family,Class\n" + "".join(f"P{n},Pump {n},Pumps,Valves\n" for n in range(5))
MAPPING = "frames:\n  products:\n    columns:\n      product_id: Nr\n      name: Product\n      family: {}\n"
SPEND = "month_on,function,channel,amount,currency\n2026-01-01,sales,Travel,100.00,EUR\n2026-02-01,sales,Travel,120.00,EUR\n"
STAFF = "person_id,function,team,region,hired_on,left_on\nP1,sales,North,DACH,2020-01-01,\n"
LOOKED_AT = {
    "data": {IMPORT, frame_note("opportunities"), settings_note("data")},
    "market": {frame_note("products"), settings_note("market")},
    "competitors": {frame_note("opportunities"), frame_note("staff"), settings_note("competitors")},  # staff: there is none
    "alignment_impact": {frame_note("opportunities"), PLAN},
}
ALL = set(LOOKED_AT)
SOURCES = [{"files": ["opportunities.csv"]}, {"files": ["products.csv"], "mapping": "products.yaml"}, {"files": ["spend.csv"]}]


class Small:
    """A project of four chapters, planned again and again. settings: of the run; source: stands for the package's source."""

    def __init__(self, folder):
        self.folder, self.source, self.plans = folder, folder / "source", 0
        self.settings = {"data": folder / "crm", "as_of": "2026-09-30", "currency": "EUR", "chapters": sorted(ALL), "sources": SOURCES}
        texts = {"opportunities.csv": DEALS, "products.csv": PRODUCTS, "products.yaml": MAPPING.format("Family"), "spend.csv": SPEND}
        for name in ("notebooks", "params"):
            (folder / name).mkdir()
        for name, text in texts.items():
            self.write(f"crm/{name}", text)
        self.write("source/method.py", "x = 1\n")
        for topic in LOOKED_AT:
            self.chapter(topic, "run.close()")

    def write(self, name, text):
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(text)

    def chapter(self, topic, *cells, outputs=()):
        made = notebook(markdown(f"# {topic}"), *(code(cell, outputs=outputs) for cell in cells))
        notebooks.write(made, self.folder / "notebooks" / NOTEBOOKS[topic])

    def set(self, **settings):
        self.settings |= settings

    def keys(self):
        self.plans += 1
        plan = make_plan(RunParams.model_validate(self.settings), self.folder / f"frames-{self.plans}")
        return {job.topic: chapter_key(job.told, LOOKED_AT[job.topic], plan) for job in plan.chapters}


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = Small(tmp_path)
    monkeypatch.setattr(keys, "PACKAGE", small.source)
    monkeypatch.syspath_prepend(tmp_path / "site")
    return small


NOTHING = {
    "nothing": lambda s: None,
    "the same files, written again": lambda s: s.write("crm/opportunities.csv", DEALS),
    "the files' times": lambda s: os.utime(s.folder / "crm" / "products.csv", (0, 0)),
}
CHANGES = {
    "a notebook's text": (lambda s: s.chapter("market", "x = 2", "run.close()"), {"market"}),
    "a notebook's stored outputs": (lambda s: s.chapter("market", "run.close()", outputs=[{"output_type": "stream", "name": "stdout", "text": "1"}]), set()),
    "a setting of one question": (lambda s: s.set(analyses={"market": {"growth": {"confidence": 0.8}}}), {"market"}),
    "a general setting": (lambda s: s.set(confidence=0.9), ALL),
    "how the run is watched": (lambda s: s.set(run_timeout_seconds=60, stale_after_days=9, slow_frames=["invoices"]), set()),
    "a frame that two chapters load": (lambda s: s.write("crm/opportunities.csv", DEALS.replace("101", "999")), ALL - {"market"}),
    "a frame that one chapter loads": (lambda s: s.write("crm/products.csv", PRODUCTS.replace("Pump 3", "Valve 3")), {"data", "market"}),
    "a mapping": (lambda s: s.write("crm/products.yaml", MAPPING.format("Class")), {"data", "market"}),
    "a frame that none loads": (lambda s: s.write("crm/spend.csv", SPEND.replace("120", "130")), {"data"}),
    "a frame that was asked for in vain": (
        lambda s: (s.write("crm/staff.csv", STAFF), s.set(sources=[*SOURCES, {"files": ["staff.csv"]}])),
        {"data", "competitors"},
    ),
    "the package's source": (lambda s: s.write("source/method.py", "x = 2\n"), ALL),
    "a template of the package": (lambda s: s.write("source/page.html.j2", "<p>"), ALL),
    "the language": (lambda s: s.set(language="de"), ALL),
    "the day": (lambda s: s.set(as_of="2026-10-01"), ALL),
    "an installed version": (lambda s: (s.folder / "site" / "seaborn-9.9.dist-info").mkdir(parents=True), ALL),
}


@pytest.mark.parametrize("change", NOTHING.values(), ids=NOTHING)
def test_where_nothing_changes_no_key_does(small, change):
    before = small.keys()
    change(small)
    assert small.keys() == before


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_a_change_runs_again_what_looked_at_it(small, change, expected):
    """The chapter that looked at the plan itself is run again whenever anything may have changed."""
    before = small.keys()
    change(small)
    after = small.keys()
    watched = ALL - {"alignment_impact"}
    assert {topic for topic in watched if after[topic] != before[topic]} == expected - {"alignment_impact"}
    if expected:
        assert after["alignment_impact"] != before["alignment_impact"], "whoever looks at the plan looks at everything"


def test_whoever_looks_at_all_settings_depends_on_all(small, monkeypatch):
    monkeypatch.setitem(LOOKED_AT, "market", {SETTINGS})
    before = small.keys()
    small.set(analyses={"data": {"win_rate": {"confidence": 0.8}}})
    assert small.keys()["market"] != before["market"]
