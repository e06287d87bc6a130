"""In a real browser at phone width: the page never scrolls sideways. Skipped where no Chromium is installed."""

import shutil
import subprocess

import pytest

from tests.report import example, test_overview
from workbook.report import render_chapter, render_index, render_mail

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--allow-file-access-from-files", "--hide-scrollbars", "--virtual-time-budget=3000")  # fmt: skip
FRAME = """<body><iframe id="f" src="{page}" style="width:390px;height:800px;border:0"></iframe><script>
f.onload = () => {{
  const doc = f.contentDocument, root = doc.scrollingElement, wide = [];
  for (const e of doc.querySelectorAll("body *"))
    if (!e.closest(".scroll,.skip,.hidden,pre") && e.getBoundingClientRect().right > 391) wide.push(e.tagName + "." + e.className);
  document.body.textContent = "width " + root.scrollWidth + " of " + f.contentWindow.innerWidth + "; beyond: " + wide.join(" ") + ";";
}};</script>"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; the layout at phone width is not measured")


@pytest.mark.parametrize("kind", ["index", "chapter", "mail", "overview"])
def test_no_page_scrolls_sideways_on_a_phone(kind, tmp_path, monkeypatch):
    facts = example.facts("de")
    notebook = example.notebook(monkeypatch, "de")
    chapter = render_chapter(notebook, topic="data", language="de", company=facts.company, as_of=facts.as_of)
    html = {
        "index": render_index(facts, example.results()),
        "chapter": chapter.page,
        "overview": test_overview.render_overview(test_overview.facts("de"), test_overview.measures()),
        "mail": render_mail(facts, example.results(), {"data": chapter}),
    }[kind]
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    (tmp_path / "frame.html").write_text(FRAME.format(page="page.html"), encoding="utf-8")
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", (tmp_path / "frame.html").as_uri()]
    found = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stdout
    assert "width 390 of 390; beyond: ;" in found
