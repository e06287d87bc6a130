"""The chapters of a planned run: what each process is told, and how each ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbook.batch.executor import Executor
from workbook.batch.leftovers import WORK
from workbook.batch.pages import page_facts
from workbook.batch.plan import ChapterJob, RunPlan
from workbook.batch.processes import Running, Task
from workbook.batch.record import ChapterRecord, RunRecord
from workbook.batch.sheet import Sheet
from workbook.batch.stop import raise_if_asked
from workbook.batch.takeover import same_as_then, settle, strangers, take_over
from workbook.chapter import ChapterPlan
from workbook.text import msg, nmsg, render


def pending(plan: RunPlan) -> list[ChapterRecord]:
    """Return the chapters as they stand before any has run: each counts as not finished until it has."""
    cause = render(msg("the run ended before the chapter did"))
    return [ChapterRecord(topic=job.topic, status="failed", cause=cause, failure="stopped", skipped=list(job.skipped)) for job in plan.chapters]


@dataclass(frozen=True, slots=True)
class Progress:
    """Whom a report's chapters tell how they get on: a line for people, the disk, and who waits for the last of them."""

    say: Callable[[str], None]
    keep: Callable[[], None]
    ended: Callable[[], None] = lambda: None


class Execution:
    """Chapters while they run. chapters: of the run's record, written to as each ends."""

    def __init__(self, plan: RunPlan, chapters: list[ChapterRecord], staging: Path, watch: Progress) -> None:
        self.plan, self.chapters, self.staging = plan, chapters, staging
        self.say, self.keep, self.ended = watch.say, watch.keep, watch.ended
        self.done = 0
        self.topics = [job.topic for job in plan.chapters]

    def take_over(self, last: Path, before: RunRecord) -> None:
        """Take over what would come out the same. last, before: folder and record of the last good run."""
        if strangers(last, [chapter.topic for chapter in before.chapters]):
            return
        for at, job in enumerate(self.plan.chapters):
            raise_if_asked()
            if (then := same_as_then(job, self.plan, before)) is None:
                continue
            if (taken := take_over(then, job, self.plan, last, self.staging)) is None:
                self.say(render(msg("{topic} is run again: its files in {run} are not as they were written", topic=self._name(job.topic), run=last.name)))
                continue
            self.done += 1
            self.chapters[at] = taken
            line = msg("[{n}/{total}] {topic}: unchanged, taken over from {run}", n=self.done, total=len(self.topics), topic=self._name(job.topic), run=taken.taken_over_from)  # fmt: skip
            self.say(render(line))
        self.keep()

    def tasks(self) -> list[Task]:
        """Return what is left to run: every chapter that was not taken over."""
        left = [job for job, chapter in zip(self.plan.chapters, self.chapters, strict=True) if chapter.taken_over_from is None]
        return [Task(self._name(job.topic), self._starter(job), self._again, self._finished) for job in left]

    def _starter(self, job: ChapterJob) -> Callable[[Executor, Path], Running]:
        """Return what starts a chapter."""
        plan = self.plan
        told = ChapterPlan(
            topic=job.topic,
            params=plan.params,
            frames_dir=plan.frames_dir,
            as_of=plan.imported.as_of,
            language=plan.params.language,
            run_key=plan.run_key,
            chapter_key=job.told,
            data_hash=plan.imported.data_hash,
            skipped=job.skipped,
        )
        sheet = Sheet(
            topic=job.topic,
            notebook=job.notebook,
            plan=told,
            cell_timeout_seconds=plan.params.cell_timeout_seconds,
            page=page_facts(plan),
        )
        return lambda executor, own: executor.start(sheet, self.staging, plan.frames_dir, own)

    def _name(self, topic: str) -> str:
        """Return how a chapter is told among others: with the part that it is about, if it is about one."""
        return ", ".join([*self.plan.params.part.values(), topic])

    def _again(self, chapter: ChapterRecord) -> None:
        self.say(render(msg("{topic} is tried once more: {cause}", topic=self._name(chapter.topic), cause=chapter.cause)))

    def _finished(self, chapter: ChapterRecord) -> None:
        self.done += 1
        at = self.topics.index(chapter.topic)
        job = self.plan.chapters[at]
        if chapter.status == "succeeded":
            settle(chapter, job, self.plan, self.staging, _notes(self.staging, job.topic))
            chapter.status = "skipped" if job.has_nothing_to_compute else "succeeded"
        self.chapters[at] = chapter.model_copy(update={"skipped": self.chapters[at].skipped})
        word = msg("FAILED") if chapter.status == "failed" else msg("done")
        line = msg("[{n}/{total}] {topic}: {word}", n=self.done, total=len(self.topics), topic=self._name(chapter.topic), word=word)
        self.keep()
        self.say(f"{render(line)} ({chapter.seconds:.1f} s)")
        if chapter.retries:
            n = len(chapter.retries) + 1
            self.say(render(nmsg("{topic} took {n} attempt: {causes}", "{topic} took {n} attempts: {causes}", n, topic=self._name(chapter.topic), causes=tuple(chapter.retries))))  # fmt: skip
        if self.done == len(self.topics):
            self.ended()


def _notes(staging: Path, topic: str) -> Path:
    return staging / WORK / f"{topic}.notes"
