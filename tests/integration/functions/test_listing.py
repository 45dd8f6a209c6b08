"""GET /v1/jobs: the caller's jobs, newest first, in pages."""

from __future__ import annotations

from typing import Any

from functions.contract import paths
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


def test_with_details_each_job_says_what_it_was_asked_for(deployment: Deployment) -> None:
    job_id = deployment.generate(prompt="a blue boat", labels={"team": "sea"})
    deployment.claim(job_id)
    deployment.succeed(job_id)
    assert "prompt" not in listed(deployment)["jobs"][0]
    (job,) = listed(deployment, "details=true")["jobs"]
    assert (job["id"], job["prompt"], job["model"], job["width"]) == (job_id, "a blue boat", "mock", 512)
    assert (job["inputs"], job["error"], job["labels"]) == (0, None, {"team": "sea"})


def test_by_words_that_all_stand_in_prompt_or_labels(deployment: Deployment) -> None:
    red = deployment.generate(prompt="A Red boat at sea")
    blue = deployment.generate(prompt="a blue boat", labels={"team": "sea"})
    deployment.generate(prompt="a mountain")
    assert ids(listed(deployment, "text=boat")) == [blue, red]
    assert ids(listed(deployment, "text=boat+red")) == [red]
    assert ids(listed(deployment, "text=SEA+boat")) == [blue, red]
    assert ids(listed(deployment, "text=ship")) == []
    assert listed(deployment, "text=mountain")["jobs"][0]["prompt"] == "a mountain"


def test_a_damaged_record_is_listed_without_details(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.services.jobs.put(paths.job_record(job_id), b"damaged")
    (job,) = listed(deployment, "details=true")["jobs"]
    assert (job["id"], "prompt" in job) == (job_id, False)


def test_details_are_wanted_or_not(deployment: Deployment) -> None:
    answer = deployment.client.get("/v1/jobs?details=yes")
    assert (answer.status_code, answer.json["field"]) == (400, "details")
