"""The pages: safe, self-contained, linked, small, the same every time; for eyes, ears, phones and paper."""

import re
from html.parser import HTMLParser

import pytest

from tests.report import example
from workbook.batch import notebooks
from workbook.report import navigation, render_chapter, render_index, render_mail
from workbook.report.blocks import chapter_of
from workbook.report.clean import clean

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
TOPICS = ("data", "market")
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Reader(HTMLParser):
    """Collects tags, and complains about elements closed in the wrong order."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.words = [], [], []
        self.feed(html)
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    def all(self, tag, attribute):
        return [attrs[attribute] for name, attrs in self.tags if (name == tag or tag == "*") and attribute in attrs]


@pytest.fixture
def monkeypatched():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def chapters(patch, language="en"):
    facts = example.facts(language)
    return {
        topic: render_chapter(
            example.notebook(patch, language, topic),
            topic=topic,
            language=language,
            company=facts.company,
            as_of=facts.as_of,
            navigation=navigation(facts.chapters, topic, "Overview"),
        )
        for topic in TOPICS
    }


@pytest.fixture(scope="module")
def pages():
    """Every page of a run by its path in the report folder, in English."""
    facts = example.facts()
    with pytest.MonkeyPatch.context() as patch:
        made = chapters(patch)
    run = facts.run_folder
    results = example.results()
    return {
        "index.html": render_index(facts, results),
        f"{run}index.html": render_index(facts, results, base=""),
        f"{run}report.html": render_mail(facts, results, made),
        **{f"{run}html/{topic}.html": of.page for topic, of in made.items()},
    }


def test_every_page_is_well_formed_and_safe(pages):
    for html in pages.values():
        reader = Reader(html)
        names = {tag for tag, _ in reader.tags}
        assert not names & {"script", "iframe", "object", "link", "base", "form", "svg"}
        assert "<script" not in html
        assert "1, 'x'" not in html
        assert any(attrs.get("content") == POLICY for tag, attrs in reader.tags if tag == "meta")
        assert not [name for _, attrs in reader.tags for name in attrs if name.startswith("on")]


def test_nothing_is_fetched_and_no_link_leaves_the_report(pages):
    for html in pages.values():
        reader = Reader(html)
        assert all(src.startswith("data:image/png;base64,") for src in reader.all("*", "src"))
        assert not [href for href in reader.all("*", "href") if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//", href)]
        assert "url(" not in html
        assert "@import" not in html


def test_every_internal_link_arrives(pages):
    run = example.facts().run_folder
    files = {path: set(Reader(html).all("*", "id")) for path, html in pages.items()} | {f"{run}tables/data/by_stage.csv": set()}
    for path, html in pages.items():
        for href in Reader(html).all("a", "href"):
            target, _, anchor = href.partition("#")
            full = _resolve(path, target) if target else path
            assert full in files, f"{path} → {href}"
            assert not anchor or anchor in files[full], f"{path} → {href}"


def _resolve(page, target):
    parts = page.split("/")[:-1]
    for part in target.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def test_ids_are_unique_and_landmarks_named(pages):
    for html in pages.values():
        reader = Reader(html)
        ids = reader.all("*", "id")
        assert len(ids) == len(set(ids))
        assert set(reader.all("*", "aria-labelledby")) <= set(ids)
        assert [tag for tag, _ in reader.tags].count("main") == 1
        assert [tag for tag, _ in reader.tags].count("h1") == 1
        assert any(attrs.get("name") == "viewport" for tag, attrs in reader.tags if tag == "meta")


def test_every_figure_is_described_and_every_table_has_heads_and_a_caption(pages):
    for html in pages.values():
        reader = Reader(html)
        alts = [attrs.get("alt", "") for tag, attrs in reader.tags if tag == "img"]
        assert all(len(alt) > 20 for alt in alts)
        assert all(attrs.get("scope") in ("row", "col") for tag, attrs in reader.tags if tag == "th")
        names = [tag for tag, _ in reader.tags]
        assert names.count("table") == names.count("caption")
    chapter = pages[f"{example.facts().run_folder}html/data.html"]
    assert chapter.count("<img") == 4
    assert 'alt="No region differs reliably from the whole, not even &lt;script&gt;' in chapter


def test_pages_are_small(pages):
    for path, html in pages.items():
        assert len(html.encode()) < (2_500_000 if path.endswith("report.html") else 400_000)
    assert len(pages["index.html"]) < 60_000


def test_the_same_run_gives_the_same_bytes(pages, monkeypatched):
    facts = example.facts()
    again = chapters(monkeypatched)
    assert {path: again[path.split("/")[-1][:-5]].page for path in pages if "/html/" in path} == {
        path: html for path, html in pages.items() if "/html/" in path
    }
    assert render_mail(facts, example.results(), again) == pages[f"{facts.run_folder}report.html"]


def test_code_prompts_and_technical_noise_stay_out(pages):
    html = pages[f"{example.facts().run_folder}html/data.html"]
    words = " ".join(Reader(html).words)
    for noise in ("secret_path", "run.show", 'settings = ""', "open_run", "In [", "Table object", "data-table", "<style>"):
        assert noise not in words
    assert "1 technical message is left out" in words
    assert html.count("<style") == 1


def test_a_chapter_says_its_findings_in_words(pages):
    words = " ".join(" ".join(Reader(pages[f"{example.facts().run_folder}html/data.html"]).words).split())
    assert "Well established 63.2% of 6,711 decided deals were won (range 61.1% to 65.2%); worth €10.0m a year." in words
    assert "Look closer 1,291 open deals" in words
    assert "Does not hold The sectors" in words
    assert "Cannot be answered with these data: 9 regions, 10 needed" in words
    assert "How many of the decided deals are won? D1, D2" in words


def test_sections_have_the_stable_names_of_their_cells(pages):
    html = pages[f"{example.facts().run_folder}html/data.html"]
    ids = [attrs["id"] for tag, attrs in Reader(html).tags if tag == "section"]
    assert ids == ["win-rate", "by-region", "hostile"]


def test_names_from_the_data_are_text_everywhere(pages):
    for html in pages.values():
        assert example.HOSTILE not in html
        assert "&lt;script&gt;" in html
    assert "Müller &amp; Söhne Automation &lt;GmbH&gt;" in pages["index.html"]


def test_what_is_worse_than_last_time_stands_before_the_answer(monkeypatched):
    html = render_index(example.facts(), [])
    assert 0 < html.index('id="degraded"') < html.index("no record newer than 1 Oct 2026") < html.index('id="answer"')
    assert 'id="degraded"' not in render_index(example.facts(degraded=()), [])


def test_a_german_report_is_german(monkeypatched):
    facts = example.facts("de")
    made = chapters(monkeypatched, "de")
    for html in (made["data"].page, render_index(facts, example.results()), render_mail(facts, example.results(), made)):
        assert Reader(html).tags[0] == ("html", {"lang": "de"})
        assert "30.09.2026" in html
        assert not re.search(
            r"\d,\d{3}\b(?!\d* ?(?:open|of|decided))", re.sub(r"<style>.*?</style>|base64,[^\"]*", "", html, flags=re.S)
        ), "an English thousands separator"
    index = render_index(facts, example.results())
    assert "63,1\N{NO-BREAK SPACE}%" in index
    assert "10,0\N{NO-BREAK SPACE}Mio.\N{NO-BREAK SPACE}€" in index
    assert "8.923" in index


PASTED = {"a.png": {"image/png": "aGk=\n"}, "b ä.jpg": {"image/jpeg": ["aG", "k="]}, "c.svg": {"image/svg+xml": "aGk="}, "d.png": {"image/svg+xml": "x", "image/gif": "aGk="}, "e": {}}


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("![our funnel](attachment:a.png)", '<p><img src="data:image/png;base64,aGk=" alt="our funnel"></p>'),
        ("see ![f](attachment:b%20%C3%A4.jpg)", '<p>see <img src="data:image/jpeg;base64,aGk=" alt="f"></p>'),
        ("![f](attachment:d.png)", '<p><img src="data:image/gif;base64,aGk=" alt="f"></p>'),
        ("![f](attachment:c.svg)", "<p>f</p>"),
        ("![f](attachment:e)", "<p>f</p>"),
        ("![f](attachment:lost.png)", "<p>f</p>"),
        ("[f](attachment:a.png)", "<p>f</p>"),
        ("![f](https://example.com/a.png)", "<p>f</p>"),
    ],
)
def test_a_picture_pasted_into_markdown_is_shown_and_a_lost_one_leaves_its_words(source, shown):
    cell = notebooks.markdown(source, id="a")
    for attachments, wanted in ((PASTED, shown), ({}, re.sub(r'<img [^>]*alt="([^"]*)">', r"\1", shown))):
        cell.attachments = notebooks.node(attachments)
        (block,) = chapter_of(notebooks.node({"cells": [cell]}), "data").lead
        assert block.html == wanted


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("<p onclick='x()'>a</p>", "<p>a</p>"),
        ("<script>alert(1)</script>b", "b"),
        ("<script>alert(1)", ""),
        ("<p>a<script>x</script><style>y</style>b</p>", "<p>ab</p>"),
        ("<scr<script>ipt>x</script>y", "ipt&gt;xy"),
        ("<img src=x onerror=y alt='a<b'>", "a&lt;b"),
        ("<img src='data:image/png;base64,aGk=' onerror=y alt='a<b'>", '<img src="data:image/png;base64,aGk=" alt="a&lt;b">'),
        ("<img src='data:image/svg+xml;base64,aGk=' alt=a>", "a"),
        ("<svg/onload=x><p>q</p></svg>ok", "ok"),
        ("<a href='javascript:x()'>a</a>", "a"),
        ("<a href='//evil.example/x'>a</a>", "a"),
        ("<a href='data.html#win-rate'>a</a>", '<a href="data.html#win-rate">a</a>'),
        ("<p><strong>a</p>b", "<p><strong>a</strong></p>b"),
        ("<ul><li>a", "<ul><li>a</li></ul>"),
        ("</p></main>x", "x"),
        ("&lt;script&gt; &amp; é", "&lt;script&gt; &amp; é"),
        ("<p id='top' style='position:fixed' class='finding evil firm'>a</p>", '<p class="finding firm">a</p>'),
        ("<!-- c --><p>a</p><?php x ?>", "<p>a</p>"),
    ],
)
def test_the_gate_lets_only_known_markup_through(given, left):
    assert clean(given) == left
    assert clean(clean(given)) == clean(given)
