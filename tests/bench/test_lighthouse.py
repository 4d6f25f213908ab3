"""The budgets of the audit: what it reads of a report of Lighthouse."""

from typing import Any

import pytest

from bench.lighthouse import faults_of


def report(sizes: tuple[int, ...] = (), **scores: float | None) -> dict[str, Any]:
    """Return a report with perfect scores but those given; a picture is transferred besides."""
    of = {"performance": 0.95, "accessibility": 1, "best-practices": 1, "seo": 1}
    of |= {name.replace("_", "-"): score for name, score in scores.items()}
    items = [{"resourceType": "Document", "transferSize": size} for size in sizes]
    items.append({"resourceType": "Image", "transferSize": 1_000_000})
    return {
        "categories": {name: {"score": score} for name, score in of.items()},
        "audits": {"network-requests": {"details": {"items": items}}},
    }


@pytest.mark.parametrize(
    ("scores", "faults"),
    [
        ({}, []),
        ({"performance": 0.94}, ["performance is 94, below 95"]),
        ({"accessibility": 0.99}, ["accessibility is 99, below 100"]),
        ({"best_practices": None}, ["best-practices is 0, below 100"]),
        ({"seo": 0.58}, ["seo is 58, below 100"]),
    ],
)
def test_a_score_below_its_budget_is_a_fault(scores, faults):
    assert faults_of(report(**scores)) == faults


def test_too_many_bytes_are_a_fault_and_pictures_do_not_count():
    assert faults_of(report((20_000, 15_000)), 35_000) == []
    assert faults_of(report((20_000, 15_001)), 35_000) == [
        "35001 bytes are transferred, more than 35000"
    ]
