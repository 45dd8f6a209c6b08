"""What a page may do in a browser."""

from __future__ import annotations

from flask import Response

from functions.contract.settings import Settings
from functions.http_edge.page_headers import add_page_headers, content_policy


def settings(profile: str) -> Settings:
    buckets = {f"{name}_bucket": f"our-{name}" for name in ("uploads", "results", "jobs")}
    return Settings.model_validate({"profile": profile, "project": "p", **buckets})


def rules(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (rule.split() for rule in policy.split(";"))}


def test_on_a_laptop_the_page_asks_its_own_host_alone() -> None:
    found = rules(content_policy(settings("local")))
    assert found.pop("img-src") == ["'self'", "blob:", "data:"]
    assert found.pop("media-src") == ["'self'", "blob:"]
    assert found.pop("connect-src") == ["'self'"]
    assert {source for sources in found.values() for source in sources} == {"'self'", "'none'"}


def test_in_the_cloud_pictures_come_from_the_results_bucket_too() -> None:
    found = rules(content_policy(settings("production")))
    bucket = "https://storage.googleapis.com/our-results/"
    assert found["img-src"][-1] == found["media-src"][-1] == found["connect-src"][-1] == bucket
    assert bucket not in found["script-src"] + found["style-src"] + found["default-src"]


def test_nothing_inline_runs_and_no_one_frames_the_page() -> None:
    for profile in ("local", "production"):
        policy = content_policy(settings(profile))
        assert "unsafe" not in policy
        assert "*" not in policy
        found = rules(policy)
        assert found["default-src"] == found["frame-ancestors"] == found["base-uri"] == ["'none'"]


def test_every_page_has_the_other_headers_too() -> None:
    headers = add_page_headers(Response(), settings("local")).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
