"""What is no JSON object, or too much of one."""

import pytest

from tests.api.conftest import Program

JSON = "application/json"


def sent(program: Program, body: bytes | str, content_type: str | None = JSON) -> tuple[int, str]:
    answer = program.call("POST", "/api/services", data=body, content_type=content_type)
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.json["error"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "nonsense",
        "null",
        "7",
        '"{}"',
        "[]",
        '[{"name": "Rif"}]',
        '{"name": "Rif", "list_sell": NaN}',
        '{"name": "Rif", "list_sell": Infinity}',
        '{"name": "Rif", "list_sell": -Infinity}',
        '{"name": "Rif", "name": "Rif+"}',
        '{"name": "Rif", "components": [{"name": "HDD", "name": "SSD"}]}',
        "{'name': 'Rif'}",
        '{"name": "Rif",}',
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"a":' * 40 + "1" + "}" * 40,
        b'{"name": "\xff"}',
        '{"name": "Rif"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"name": "Rif"}',
    ],
    ids=lambda body: repr(body)[:30] + str(len(body)),
)
def test_what_is_no_json_object_is_a_400(admin: Program, body: bytes | str) -> None:
    assert sent(admin, body) == (400, "BAD_JSON")


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/x-www-form-urlencoded", "text/json", "application/xml"]
)
def test_another_content_type_is_a_415(admin: Program, content_type: str | None) -> None:
    assert sent(admin, '{"name": "Rif"}', content_type) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_charset_makes_no_other_content_type(admin: Program) -> None:
    answer = admin.call("POST", "/api/services", data='{"name": "Rif é"}', content_type=f"{JSON}; charset=utf-8")
    assert (answer.status_code, answer.json["name"]) == (201, "Rif é")


def test_too_much_is_a_413(admin: Program) -> None:
    assert sent(admin, '{"name": "' + "x" * 2**20 + '"}') == (413, "REQUEST_ENTITY_TOO_LARGE")


@pytest.mark.parametrize("number", ["1e400", "1e999999999999999999999", "-1e-999999999999999999999", "9" * 6000])
def test_a_number_beyond_all_bounds_is_refused_under_its_field(admin: Program, number: str) -> None:
    body = f'{{"name": "Rif", "list_sell": {number}}}'
    answer = admin.call("POST", "/api/services", data=body, content_type=JSON)
    assert answer.status_code == 422
    assert [issue["pointer"] for issue in answer.json["errors"]] == ["#/list_sell"]


def test_decimals_are_counted_as_they_are_written(admin: Program) -> None:
    body = '{"name": "Rif", "list_sell": 0.1000000000000000055511151231257827}'
    assert admin.call("POST", "/api/services", data=body, content_type=JSON).status_code == 422
    body = '{"name": "Rif", "list_sell": 0.100000000000000000000000000000000000}'
    assert admin.call("POST", "/api/services", data=body, content_type=JSON).json["list_sell"] == 0.1
