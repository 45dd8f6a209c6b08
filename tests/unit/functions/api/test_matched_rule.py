from __future__ import annotations

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map

from functions.api.matched_rule import MatchedRule

RULES = [
    MatchedRule("/v1/jobs", endpoint="index", methods=["GET"]),
    MatchedRule("/v1/jobs/<job_id>/images/<int(max=99):n>", endpoint="image", methods=["GET"]),
]
ADDRESSES = Map(RULES, strict_slashes=False).bind("")


def test_addresses_are_matched_with_what_they_name() -> None:
    assert ADDRESSES.match("/v1/jobs/") == ("index", {})
    assert ADDRESSES.match("/v1/jobs/job_a/images/7") == ("image", {"job_id": "job_a", "n": 7})


def test_other_addresses_and_methods_are_not_matched() -> None:
    with pytest.raises(NotFound):
        ADDRESSES.match("/v1/jobs/job_a/images/100")
    with pytest.raises(MethodNotAllowed):
        ADDRESSES.match("/v1/jobs", "POST")


def test_no_address_is_built() -> None:
    with pytest.raises(TypeError, match="Nothing is built"):
        ADDRESSES.build("index")
