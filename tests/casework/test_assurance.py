from dataclasses import replace
from datetime import date

import pytest

from appliance.casework.assurance import MonthCounts, monthly_report

GOOD = MonthCounts(
    first=date(2026, 9, 1), last=date(2026, 9, 30), lines=2, recorded=4120, missed=212, gaps=0, gaps_s=0.0, damaged=0,
    heard=31, exported=2, held=3, deleted=3890, expired_not_deleted=0, requests_open=1, requests_overdue=0,
    complaints_open=0, complaints_overdue=0, disclosures=1, announcements_wrong=0, disk_months_left=14.2,
    clock_unsure_min=0.0, backup_on=date(2026, 9, 29), restore_tested_on=date(2026, 8, 3), journal_entries=18204,
    journal_intact=True, anchor="ab" * 32,
)  # fmt: skip


def values(report):
    return {row.label: row.value for _, rows in report.groups for row in rows}


def test_a_good_month_says_so_in_one_sentence():
    report = monthly_report("Anytown Surgery", GOOD)
    assert report.title == "Call recording at Anytown Surgery, 1 September to 30 September 2026"
    assert report.verdict == "Everything the policy asks for was done."
    assert report.attention == ()
    assert report.anchor == "ab" * 32
    shown = values(report)
    assert shown["Calls recorded"] == "4,120 on 2 lines"
    assert shown["Records"] == "18,204 entries add up"
    assert shown["Room on the disk"] == "about 14 months"


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ({"gaps": 2, "gaps_s": 340.0}, "gaps"),
        ({"damaged": 1}, "Damaged"),
        ({"expired_not_deleted": 5}, "outstay"),
        ({"requests_overdue": 1}, "Access requests"),
        ({"complaints_overdue": 1}, "Complaints"),
        ({"announcements_wrong": 1}, "announcement register"),
        ({"disk_months_left": 1.5}, "disk"),
        ({"disk_months_left": None}, "not known"),
        ({"clock_unsure_min": 90.0}, "clock"),
        ({"gaps": None}, "gaps"),
        ({"clock_unsure_min": None}, "clock"),
        ({"backup_on": None}, "backup"),
        ({"backup_on": date(2026, 9, 22)}, "backup"),
        ({"restore_tested_on": None}, "Try a restore"),
        ({"restore_tested_on": date(2025, 9, 1)}, "recovery sheet"),
        ({"journal_intact": False}, "records do not add up"),
        ({"anchor": ""}, "records do not add up"),
    ],
)
def test_what_is_wrong_or_not_known_asks_for_attention(wrong, advice):
    report = monthly_report("Anytown Surgery", replace(GOOD, **wrong))
    assert report.verdict == "1 matter asks for attention."
    assert advice in report.attention[0]


def test_gaps_are_counted_and_measured():
    shown = values(monthly_report("Anytown Surgery", replace(GOOD, gaps=2, gaps_s=340.0)))
    assert shown["Gaps in recording"] == "2, together 6 min"


def test_the_report_fits_on_one_page():
    worst = replace(GOOD, gaps=1, damaged=1, expired_not_deleted=1, requests_overdue=1, complaints_overdue=1,
                    announcements_wrong=1, disk_months_left=None, clock_unsure_min=None, backup_on=None,
                    restore_tested_on=None, journal_intact=False)  # fmt: skip
    report = monthly_report("Anytown Surgery", worst)
    lines = 3 + sum(1 + len(rows) for _, rows in report.groups) + len(report.attention)
    assert len(report.attention) == 11
    assert lines <= 45
