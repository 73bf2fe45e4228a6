"""Who changed what of a service, and taking it back, over JSON."""

from tests.api.conftest import Program
from vela.domain.catalog.models import Service


def test_every_change_is_listed_newest_first(admin: Program, atlas: Service) -> None:
    component = atlas.components[0]
    admin.put(f"/api/components/{component.id}", {"unit_cost": 640})
    answer = admin.get(f"/api/services/{atlas.id}/revisions")
    assert [each["number"] for each in answer.json] == [2, 1]
    newest = answer.json[0]
    assert (newest["author"], newest["face"], newest["action"]) == ("Salma Bennis", "api", "reprice")
    assert (newest["cost_price"], answer.json[1]["cost_price"]) == (940, 900)
    assert newest["changes"] == [
        {"component_id": component.id, "subject": "HDD", "field": "unit_cost", "before": 600, "after": 640}
    ]


def test_undo_makes_another_revision(admin: Program, atlas: Service) -> None:
    admin.delete(f"/api/components/{atlas.components[1].id}")
    answer = admin.post(f"/api/services/{atlas.id}/revisions/2/undo")
    assert (answer.status_code, answer.json["cost_price"]) == (200, 900)
    assert [part["name"] for part in answer.json["components"]] == ["HDD", "RAM"]
    assert [each["undoes"] for each in admin.get(f"/api/services/{atlas.id}/revisions").json] == [2, None, None]


def test_what_was_changed_again_cannot_be_undone(admin: Program, atlas: Service) -> None:
    for cost in (640, 650):
        admin.put(f"/api/components/{atlas.components[0].id}", {"unit_cost": cost})
    answer = admin.post(f"/api/services/{atlas.id}/revisions/2/undo")
    assert (answer.status_code, answer.json["error"]) == (409, "OVERTAKEN")


def test_the_beginning_and_the_unknown_cannot_be_undone(admin: Program, atlas: Service) -> None:
    assert admin.post(f"/api/services/{atlas.id}/revisions/1/undo").json["error"] == "FIRST_REVISION"
    assert admin.post(f"/api/services/{atlas.id}/revisions/9/undo").json["error"] == "REVISION_NOT_FOUND"
    assert admin.post("/api/services/9/revisions/2/undo").json["error"] == "SERVICE_NOT_FOUND"
