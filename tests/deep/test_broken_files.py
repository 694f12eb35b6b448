"""Ten thousand broken files, as the sample of the ordinary tests does it for a few."""

from tests.integration.test_broken_files import SAMPLE, check_files

FILES = 10_000


def test_ten_thousand_broken_files_load_nothing_by_halves(first_edition):
    seen = check_files(range(SAMPLE, SAMPLE + FILES), first_edition)

    assert seen.total() == FILES
    assert min(seen[kind] for kind in ("refused", "with rejections", "whole")) > FILES // 20
