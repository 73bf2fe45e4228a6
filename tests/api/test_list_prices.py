"""A service and its list price made to agree over JSON, from either side."""

import pytest

from tests.api.conftest import Program
from vela.domain.catalog.models import Service

ACTS = ("list-at-sum", "discount-to-list")


def test_the_list_price_follows_the_components(admin: Program, atlas: Service) -> None:
    listed = admin.post("/api/services/1/list-at-sum")
    assert (listed.status_code, listed.json["list_sell"], listed.json["list_gap"]) == (200, 1500, 0)
    assert listed.json["version"] == 2
    assert listed.headers["ETag"].startswith('"2-')
    again = admin.post("/api/services/1/list-at-sum")
    assert (again.status_code, again.json["version"]) == (200, 2), "what agrees already makes no revision"


@pytest.mark.parametrize(("listed", "name", "difference"), [(1400, "Discount", -100), ("1500.50", "Surcharge", 0.5)])
def test_the_components_follow_the_list_price(
    admin: Program, atlas: Service, listed: object, name: str, difference: float
) -> None:
    admin.put("/api/services/1", {"list_sell": listed})
    made = admin.post("/api/services/1/discount-to-list")
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/components/{made.json['id']}")
    assert (made.json["name"], made.json["kind"], made.json["sell"]) == (name, "adjustment", difference)
    assert admin.get("/api/services/1").json["list_gap"] == 0
    refused = admin.post("/api/services/1/discount-to-list")
    assert (refused.status_code, refused.json["error"]) == (409, "NO_GAP")


def test_without_a_list_price_there_is_no_discount(admin: Program, atlas: Service) -> None:
    refused = admin.post("/api/services/1/discount-to-list")
    assert (refused.status_code, refused.json["error"]) == (409, "NO_GAP")
    assert len(admin.get("/api/services/1").json["components"]) == 2


@pytest.mark.parametrize("act", ACTS)
def test_it_is_refused_like_every_change_of_a_service(
    admin: Program, viewer: Program, atlas: Service, act: str
) -> None:
    admin.put("/api/services/1", {"list_sell": 1400})
    assert viewer.post(f"/api/services/1/{act}").status_code == 403
    assert admin.post(f"/api/services/99/{act}").json["error"] == "SERVICE_NOT_FOUND"
    stale = admin.post(f"/api/services/1/{act}", headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["error"], stale.json["version"]) == (412, "STALE", 2)
    assert admin.get("/api/services/1").json["list_gap"] == -100
    assert admin.post(f"/api/services/1/{act}", headers={"If-Match": '"2"'}).status_code in (200, 201)
