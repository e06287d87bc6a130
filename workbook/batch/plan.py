"""Everything is decided and checked here, before anything runs: settings, questions, data, sections."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from workbook.analyses import NOTEBOOKS, TOPICS, params_class, questions
from workbook.batch import notebooks
from workbook.batch.chapter_key import told_key
from workbook.batch.closed import is_closed
from workbook.batch.keys import code_hash, data_key, package_hash, run_key
from workbook.batch.needs import computed_titles, faulty_tags, needed_frames
from workbook.batch.notebooks import NotebookNode
from workbook.batch.prepare import prepare, read_notebook, title_of
from workbook.batch.record import installed
from workbook.errors import ParamsError
from workbook.frames import FRAMES
from workbook.params import RunParams, explain_validation, project_root
from workbook.results import SkippedRecord
from workbook.text import msg

if TYPE_CHECKING:
    from workbook.sources import ImportRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterJob:
    """One chapter to run: its title, the text of the prepared notebook, the sections left out of it, and the titles of those that stay.

    told: hash of what the chapter is told; frames: the ones that its sections name as needed; is_closed: nothing reaches it
    but through `run`.
    """

    topic: str
    title: str
    notebook: str
    skipped: tuple[SkippedRecord, ...]
    told: str
    frames: tuple[str, ...] = ()
    is_closed: bool = False
    computed: tuple[str, ...] = ()

    @property
    def has_nothing_to_compute(self) -> bool:
        """Tell whether every section is left out."""
        return bool(self.skipped) and not self.computed


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """A run that may start: every setting known, the data imported into frames_dir, every section decided.

    fingerprints: hashes of the frames that were asked for so far (`chapter_key`).
    """

    params: RunParams
    imported: ImportRecord
    frames_dir: Path
    chapters: tuple[ChapterJob, ...]
    run_key: str
    code_hash: str
    fingerprints: dict[str, str | None] = field(default_factory=dict)


def notebook_paths(topics: tuple[str, ...]) -> dict[str, Path]:
    """Return the notebooks of the topics, in the order of the report. Raises `ParamsError` on an unknown topic."""
    for topic in topics:
        if topic not in TOPICS:
            near = difflib.get_close_matches(topic, TOPICS, n=1, cutoff=0.3)
            raise ParamsError(
                msg("unknown topic {topic}; did you mean {near}?", topic=topic, near=near[0])
                if near
                else msg("unknown topic {topic}", topic=topic),
                mend=msg("Known topics: {topics}.", topics=TOPICS),
            )
    folder = project_root() / "notebooks"
    chosen = [topic for topic in TOPICS if not topics or topic in topics]
    absent = tuple(NOTEBOOKS[topic] for topic in chosen if not (folder / NOTEBOOKS[topic]).is_file())
    if absent:
        raise ParamsError(
            msg("notebooks are missing: {names}", names=absent),
            where=str(folder),
            mend=msg("Start `workbook` inside the project's folder, the one that holds notebooks/ and params/."),
        )
    return {topic: folder / NOTEBOOKS[topic] for topic in chosen}


def check_settings(params: RunParams, where: str) -> None:
    """Check all that can be checked without data. Raises `ParamsError`."""
    notebook_paths(params.chapters)
    check_questions(params, where)
    for name in params.slow_frames:
        if name not in FRAMES:
            raise _unknown(f"slow_frames: {name}", name, tuple(FRAMES), where)


def check_questions(params: RunParams, where: str) -> None:
    """Check the settings of every question. Raises `ParamsError` naming the nearest valid topic, question or setting."""
    for topic, settings in params.analyses.items():
        if topic not in TOPICS:
            raise _unknown(f"analyses.{topic}", topic, TOPICS, where)
        known = questions(topic)
        for name, values in settings.items():
            if name not in known:
                raise _unknown(f"analyses.{topic}.{name}", name, tuple(known), where)
            model: type[BaseModel] = params_class(known[name])
            try:
                model.model_validate(values)
            except ValidationError as error:
                raise explain_validation(error, {"": model}, f"{where}, analyses.{topic}.{name}") from None


def _unknown(place: str, name: str, known: tuple[str, ...], where: str) -> ParamsError:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
    return ParamsError(
        msg("unknown setting {place}; did you mean {near}?", place=place, near=near[0])
        if near
        else msg("unknown setting {place}; known here: {known}", place=place, known=known),
        where=where,
        mend=msg("Correct the settings file; nothing was run."),
    )


def make_plan(params: RunParams, frames_dir: Path, *, where: str = "") -> RunPlan:
    """Check everything and import the data into `frames_dir`. Raises `ParamsError` and `DataError`."""
    from workbook.sources import import_frames

    check_settings(params, where)
    read = notebooks_of(params.chapters)
    record = import_frames(params, frames_dir)
    return plan_chapters(params, record, frames_dir, basis(read, data_key(params)))


@dataclass(frozen=True, slots=True)
class Basis:
    """What all reports of a run stand on: their notebooks, and hashes of the code, the package alone, what is installed, and the data's files."""

    notebooks: Mapping[str, NotebookNode]
    code: str
    package: str
    installed: str
    data: str


def basis(notebooks: Mapping[str, NotebookNode], data: str) -> Basis:
    """Return what a run stands on as things are. data: from `data_key`."""
    return Basis(notebooks, code_hash(), package_hash(), installed(), data)


def notebooks_of(topics: tuple[str, ...]) -> dict[str, NotebookNode]:
    """Return the topics' notebooks as they are stored, without outputs. Raises `ParamsError` where one needs what no frame has."""
    read = {topic: read_notebook(path) for topic, path in notebook_paths(topics).items()}
    for topic, notebook in read.items():
        if faults := list(faulty_tags(notebook)):
            raise ParamsError(msg("a section of {topic} needs what no frame has: {needs}", topic=topic, needs=tuple(faults)))
    return read


def plan_chapters(params: RunParams, record: ImportRecord, frames_dir: Path, basis: Basis) -> RunPlan:
    """Decide every chapter on data that were imported into `frames_dir`, with the record of that."""
    around = {"as_of": str(record.as_of), "source": basis.package, "installed": basis.installed}
    jobs = []
    for topic, notebook in basis.notebooks.items():
        prepared, skipped = prepare(notebook, record)
        text = notebooks.text(prepared)
        job = ChapterJob(
            topic=topic,
            title=title_of(prepared) or topic,
            notebook=text,
            skipped=skipped,
            told=told_key(text, skipped, params, around | {"topic": topic}),
            frames=needed_frames(notebook),
            is_closed=is_closed(prepared),
            computed=computed_titles(notebook, record),
        )
        jobs.append(job)
    key = run_key(params, record, basis.code, basis.data)
    return RunPlan(params=params, imported=record, frames_dir=frames_dir, chapters=tuple(jobs), run_key=key, code_hash=basis.code)
