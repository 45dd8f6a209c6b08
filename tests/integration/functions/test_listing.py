"""GET /v1/jobs: the caller's jobs, newest first, in pages."""

from __future__ import annotations

from typing import Any

from tests.integration.functions.deployment import Deployment


def listed(deployment: Deployment, query: str = "") -> dict[str, Any]:
    answer = deployment.client.get(f"/v1/jobs?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json


def ids(page: dict[str, Any]) -> list[str]:
    return [job["id"] for job in page["jobs"]]


def test_nothing_is_a_list_too(deployment: Deployment) -> None:
    assert listed(deployment) == {"jobs": [], "next_cursor": None}


def test_the_newest_come_first(deployment: Deployment) -> None:
    made = [deployment.generate() for _ in range(3)]
    assert ids(listed(deployment)) == made[::-1]


def test_pages_follow_each_other_without_gaps_or_repeats(deployment: Deployment) -> None:
    made = [deployment.generate() for _ in range(7)]
    found: list[str] = []
    page = listed(deployment, "limit=3")
    while True:
        found += ids(page)
        if page["next_cursor"] is None:
            break
        page = listed(deployment, f"limit=3&cursor={page['next_cursor']}")
    assert found == made[::-1]


def test_a_new_job_does_not_shift_the_next_page(deployment: Deployment) -> None:
    made = [deployment.generate() for _ in range(4)]
    page = listed(deployment, "limit=2")
    deployment.generate()
    assert ids(listed(deployment, f"limit=2&cursor={page['next_cursor']}")) == made[1::-1]


def test_by_state(deployment: Deployment) -> None:
    waiting, canceled = deployment.generate(), deployment.generate()
    deployment.post(path=f"/v1/jobs/{canceled}/cancel")
    assert ids(listed(deployment, "state=canceled")) == [canceled]
    assert ids(listed(deployment, "state=queued")) == [waiting]


def test_by_labels_all_of_which_must_fit(deployment: Deployment) -> None:
    both = deployment.generate(labels={"team": "sea", "run": "1"})
    deployment.generate(labels={"team": "sea", "run": "2"})
    deployment.generate()
    assert ids(listed(deployment, "label=team:sea&label=run:1")) == [both]
    assert listed(deployment, "label=run:1")["jobs"][0]["labels"] == {"team": "sea", "run": "1"}


def test_a_label_may_hold_anything(deployment: Deployment) -> None:
    job_id = deployment.generate(labels={"title": "Käse: ein / Boot & mehr"})
    found = deployment.client.get("/v1/jobs", query_string={"label": "title:Käse: ein / Boot & mehr"})
    assert ids(found.json) == [job_id]
