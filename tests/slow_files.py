"""Files of tests that take long, and the order in which the workers are given the files.

Each file is done by one worker, which makes once what its tests share, and goes on with the next
when it is done (``--dist=loadfile``). So the longest come first, and short ones end the run.
"""

from pathlib import Path

import pytest

# Each takes five seconds of a processor or more, those first that take longest. The order need be
# right only at its beginning. ``make test-fast`` leaves them all out.
LONGEST = (
    "browser/test_accessibility.py",
    "tests/test_every_route.py",
    "documents/test_intake.py",
    "browser/test_lists.py",
    "tests/test_hidden_and_nothing.py",
    "browser/test_learnings.py",
    "editing/test_handover.py",
    "tests/test_crafted_forms.py",
    "files/test_slow_downloads.py",
    "upgrades/test_upgrades.py",
    "browser/test_documents.py",
    "tests/test_backup.py",
    "cache/test_freshness.py",
    "site/test_health.py",
    "documents/test_cleaning.py",
    "drill/test_drill.py",
    "upgrades/test_change_notes.py",
    "tests/test_public_surfaces.py",
    "editing/test_autosave.py",
    "browser/test_afternoon.py",
    "browser/test_staff_pages.py",
    "tests/test_query_budgets.py",
    "browser/test_journeys.py",
    "search/test_building.py",
    "programme/test_admin.py",
    "pdf/test_figures.py",
    "cache/test_fast_path.py",
    "documents/test_clearance.py",
    "browser/test_header.py",
    "browser/test_search.py",
    "site/test_dashboard.py",
    "pdf/test_paragraphs.py",
    "pdf/test_tables.py",
    "pdf/test_look_alikes.py",
    "cache/test_pages.py",
    "browser/test_file_sizes.py",
    "pdf/test_hidden_letters.py",
    "web/test_unavailable_servers.py",
    "samples/test_again.py",
    "listing/test_reading_pages.py",
    "tests/test_bench.py",
    "browser/test_training.py",
    "site/test_machines.py",
    "editing/test_changes.py",
    "web/test_host.py",
    "pdf/test_covered_pictures.py",
    "pdf/test_unseen_pictures.py",
    "documents/test_correcting.py",
    "editing/test_searching.py",
    "tests/test_bad_input.py",
    "pdf/test_structure.py",
    "judged/test_judged_searches.py",
    "files/test_sending_from_s3.py",
    "documents/test_limits_of_time.py",
    "pdf/test_hidden_layers.py",
    "database/test_clock.py",
    "cache/test_days.py",
    "site/test_catalogue.py",
    "mscp/test_settings.py",
    "documents/test_uploads.py",
    "listing/test_bitmap_index.py",
    "listing/test_patched_index.py",
    "tests/test_hidden_costs.py",
    "editing/test_admin.py",
    "training/test_session_actions.py",
    "editing/test_duplicating.py",
    "editing/test_publishing.py",
    "calendar/test_entries.py",
    "tests/test_structured_data.py",
    "site/test_previews.py",
    "site/test_accessibility.py",
    "editing/test_timeline_routes.py",
    "editing/test_held_files.py",
    "editing/test_pending.py",
    "reviews/test_change_notes.py",
    "publishing/test_releases.py",
    "training/test_proposals.py",
    "exports/test_atom.py",
)
_PLACE = {name: place for place, name in enumerate(LONGEST)}


def name_of(path: Path) -> str:
    """Return the end of the path by which a file is named here."""
    return "/".join(path.parts[-2:])


def longest_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """Order tests by file: those of the longest files first, then the files as they were found."""
    return sorted(items, key=lambda item: _PLACE.get(name_of(item.path), len(_PLACE)))
