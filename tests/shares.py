"""Shares of the workers: each begins with as much of what takes long, and ends with what does not.

xdist (``worksteal``) cuts the tests into as many runs as there are workers, one after the other and
equally long. Whoever has done its own takes half of what another has left, from the end: that must
be tests of a few milliseconds. A file stays with one worker, which makes once what its tests share.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

# Seconds on two processors, of files that take five or more: `make test-fast` leaves them out. They
# need not be right for the tests to be, only for the workers to end together.
SECONDS = {
    "tests/test_every_route.py": 90,
    "browser/test_accessibility.py": 55,
    "documents/test_intake.py": 50,
    "browser/test_lists.py": 35,
    "tests/test_hidden_and_nothing.py": 35,
    "tests/test_restart.py": 30,
    "tests/test_crafted_forms.py": 30,
    "browser/test_learnings.py": 25,
    "upgrades/test_upgrades.py": 25,
    "upgrades/test_change_notes.py": 15,
    "files/test_slow_downloads.py": 21,
    "browser/test_documents.py": 20,
    "pdf/test_structure.py": 20,
    "cache/test_fast_path.py": 20,
    "tests/test_public_surfaces.py": 19,
    "tests/test_query_budgets.py": 19,
    "editing/test_handover.py": 19,
    "editing/test_autosave.py": 18,
    "site/test_health.py": 17,
    "site/test_readiness.py": 25,
    "cache/test_freshness.py": 17,
    "documents/test_cleaning.py": 17,
    "cache/test_pages.py": 16,
    "drill/test_drill.py": 75,
    "search/test_building.py": 15,
    "documents/test_clearance.py": 15,
    "browser/test_afternoon.py": 15,
    "documents/test_uploads.py": 14,
    "documents/test_correcting.py": 12,
    "tests/test_backup.py": 14,
    "browser/test_staff_pages.py": 15,
    "browser/test_journeys.py": 13,
    "samples/test_again.py": 13,
    "editing/test_searching.py": 12,
    "programme/test_admin.py": 12,
    "browser/test_header.py": 11,
    "browser/test_file_sizes.py": 9,
    "browser/test_search.py": 11,
    "listing/test_reading_pages.py": 11,
    "tests/test_bad_input.py": 11,
    "site/test_dashboard.py": 10,
    "tests/test_bench.py": 9,
    "browser/test_training.py": 8,
    "site/test_machines.py": 8,
    "editing/test_changes.py": 7,
    "listing/test_bitmap_index.py": 7,
    "judged/test_judged_searches.py": 6,
    "web/test_host.py": 6,
    "tests/test_hidden_costs.py": 6,
    "files/test_sending_from_s3.py": 6,
    "documents/test_limits_of_time.py": 6,
    "pdf/test_hidden_letters.py": 9,
    "pdf/test_covered_pictures.py": 8,
    "pdf/test_unseen_pictures.py": 8,
    "pdf/test_hidden_layers.py": 6,
    "pdf/test_figures.py": 12,
    "pdf/test_paragraphs.py": 6,
    "pdf/test_tables.py": 20,
    "database/test_clock.py": 6,
    "editing/test_admin.py": 6,
    "cache/test_days.py": 6,
    "site/test_catalogue.py": 6,
    "mscp/test_settings.py": 6,
    "web/test_unavailable_servers.py": 5,
    "training/test_session_actions.py": 5,
    "editing/test_duplicating.py": 5,
    "editing/test_publishing.py": 5,
    "calendar/test_entries.py": 5,
    "tests/test_structured_data.py": 5,
    "site/test_previews.py": 5,
    "site/test_accessibility.py": 5,
    "exports/test_atom.py": 5,
}


def seconds_of(path: Path, tests: int) -> float:
    return SECONDS.get("/".join(path.parts[-2:]), 0.1 * tests)


def in_shares(
    items: list[pytest.Item], workers: int, is_slow: Callable[[Path], bool]
) -> list[pytest.Item]:
    """Return the same tests in the order in which ``workers`` workers should be given them."""
    slow = [item for item in items if is_slow(item.path)]
    fast = [item for item in items if not is_slow(item.path)]
    by_file: dict[Path, list[pytest.Item]] = {}
    for item in slow:
        by_file.setdefault(item.path, []).append(item)
    files = sorted(by_file.values(), key=lambda tests: -seconds_of(tests[0].path, len(tests)))
    shares: list[list[pytest.Item]] = [[] for _ in range(workers)]
    seconds = [0.0] * workers
    for tests in files:
        least = seconds.index(min(seconds))
        shares[least] += tests
        seconds[least] += seconds_of(tests[0].path, len(tests))
    left = len(items)
    for number, share in enumerate(shares):
        size = left // (workers - number)
        filled = max(0, size - len(share))
        share += fast[:filled]
        del fast[:filled]
        left -= len(share)
    return [item for share in shares for item in share] + fast
