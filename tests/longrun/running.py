"""One long run from set-up to verdict, and the table it ends with."""

import gc
import logging
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

from longrun import leaks
from longrun.judge import Judge
from longrun.kept import Kept
from longrun.life import Run
from longrun.plan import FULL, Trouble

_IN_MEMORY, _ROOM = Path("/dev/shm"), 2 << 30


@dataclass(frozen=True)
class Report:
    """``figures`` are the table, in order; ``wrong`` says what does not agree, nothing where all does."""

    figures: tuple
    wrong: tuple


def quick_folder():
    """Return where files cost no disk, for power cuts are a model's and nothing is synced; None where there is none."""
    if not _IN_MEMORY.is_dir() or shutil.disk_usage(_IN_MEMORY).free < _ROOM:
        return None
    return _IN_MEMORY


def sized(hours):
    """Return a run of so many hours: as many shifts as the full one, each shorter."""
    return replace(FULL, shift_s=FULL.shift_s * hours / 24)


def long_run(folder, size, seed, hardness, say=lambda _words: None):
    """Live a year and a month in ``folder``, and judge it. ``say`` is told how far it is."""
    at_first, began_s, log = leaks.taken(), time.process_time(), _logged(folder / "log")

    def progress(number, of, diary, house):
        calls = sum(len(heard.truth.calls) for heard in diary.heard)
        done_s = time.process_time() - began_s
        say(f"{number} of {of} shifts, {house.true_now():%d %B %Y}: {calls} calls; {done_s:.0f} CPU s")

    try:
        run = Run(folder, size, seed, hardness, leaks.taken, progress)
        run.live_year()
        before = Judge(run)
        before.calls(old=True)
        run.live_month()
        judge = Judge(run)
        judge.calls(old=False)
        judge.ledger()
        kept = Kept(run)
        for look in (kept.records, kept.retention, kept.sound, kept.backup):
            look()
        verdicts = [before.verdict, judge.verdict, kept.verdict]
        figures = [*_lived(run), *(figure for one in verdicts for figure in one.figures)]
        wrong = [words for one in verdicts for words in one.wrong]
        run.house.stop()
    finally:
        logging.getLogger().removeHandler(log)
        log.close()
    del before, judge, kept
    gc.collect()
    leaked = [*_grown(run, at_first), *leaks.of_files(run.house.config, run.house.usb), *_told(run, folder)]
    figures += _left(run, folder, time.process_time() - began_s)
    return Report(tuple(figures), (*wrong, *leaked))


def _lived(run):
    diary, people = run.diary, run.people
    troubles = sum(count for what, count in diary.happened.items() if what in set(Trouble))
    cuts = sum(diary.happened.get(kind, 0) for kind in (Trouble.POWER_CUT, Trouble.POWER_CUT_CLOCK_UNSURE))
    yield "hours listened to, on four lines", f"{diary.line_s / 3600 / 4:.1f}"
    yield "calls that truly were", str(sum(len(heard.truth.calls) for heard in diary.heard))
    yield "faults, power cuts among them", f"{troubles}, {cuts}"
    yield (
        "sign-ins, calls listened to, cases, refusals",
        (f"{people.sign_ins}, {people.heard}, {len(people.cases)}, {people.refused}"),
    )


def _grown(run, at_first):
    """Yield in words what there is more of than before: memory over the month, all else over the whole run."""
    first, last, end = run.diary.resource[0], run.diary.resource[-1], leaks.taken()
    if last.rss_mb - first.rss_mb > leaks.MOST_GROWN_MB:
        yield f"memory grew from {first.rss_mb:.0f} to {last.rss_mb:.0f} MB over the month"
    for name in ("descriptors", "threads", "children"):
        if getattr(end, name) > getattr(at_first, name):
            yield f"{name} were {getattr(at_first, name)} and are {getattr(end, name)}"


def _told(run, folder):
    """Return in words where a secret was written; the numbers are those that the lines carried."""
    calls = [call for heard in run.diary.heard for call in heard.truth.calls]
    numbers = {number for call in calls for number in (call.caller, call.dialled) if number}
    numbers |= {waiting[2] for call in calls for waiting in call.waiting}
    return leaks.of_secrets([folder], run.people.secrets, numbers)


def _left(run, folder, cpu_s):
    first, last = run.diary.resource[0], run.diary.resource[-1]
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    yield "memory after the month's first and last shift, MB", f"{first.rss_mb:.0f}, {last.rss_mb:.0f}"
    yield "descriptors then", f"{first.descriptors}, {last.descriptors}"
    yield "files of vault, backup and log, MB", f"{size / 1e6:.0f}"
    yield "CPU seconds", f"{cpu_s:.0f}"


def _logged(path):
    """Write down all that is logged, at the level of a real box: what it holds is looked through at the end."""
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler
