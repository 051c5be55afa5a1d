"""Holds requests and answers to PagerDuty's own OpenAPI document, where there is a copy of it.

PAGERDUTY_OPENAPI names the file: PagerDuty/api-schema, reference/REST/openapiv3.json, with `readOnly` dropped and the
fields nullable that are null on the wire. Without it, whoever asks here is skipped.
"""

import functools
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.datastructures import MultiDict

HOST = "https://api.pagerduty.com"
RAW = {
    "anyOf": [
        {"type": "boolean", "nullable": True},
        {"type": "number"},
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
    ],
}


@functools.cache
def document() -> OpenAPI:
    path = os.environ.get("PAGERDUTY_OPENAPI")
    if not path:
        pytest.skip("PAGERDUTY_OPENAPI names no copy of PagerDuty's OpenAPI document")
    text = json.loads(Path(path).read_text(encoding="utf-8"))
    correct(text)
    return OpenAPI.from_dict(text)


def correct(text: dict[str, Any]) -> None:
    """Where the document contradicts its own examples, and PagerDuty's answers, the examples win."""
    schemas = text["components"]["schemas"]
    schemas["CustomFieldsFieldValue"]["properties"]["value"] = RAW
    schemas["IncidentTypeCustomFields"]["properties"]["default_value"] = RAW
    schemas["CustomFieldsEditableFieldValue"] = {
        "anyOf": [
            {"type": "object", "required": [key, "value"], "properties": {key: {"type": "string"}, "value": RAW}}
            for key in ("name", "id")
        ]
    }
    for name, schema in schemas.items():
        if name.endswith("Reference"):
            _allow_whole_objects(schema)
    for parameter in text["components"]["parameters"].values():
        schema = parameter["schema"]
        if parameter["name"].endswith("[]") and schema["type"] == "string":
            # A parameter that is repeated is a list; some are typed as a single text.
            parameter["schema"] = {"type": "array", "items": {"type": "string", "enum": schema["enum"]}}
    _loosen(text)


def _allow_whole_objects(reference: dict[str, Any]) -> None:
    """`include[]` puts an object in the place of its reference; the document knows that for few of them."""
    for part in reference.get("allOf", []):
        kind = part.get("properties", {}).get("type", {})
        if "enum" in kind:
            whole = [name.removesuffix("_reference") for name in kind["enum"]]
            kind["enum"] = list(dict.fromkeys([*kind["enum"], *whole]))


def _loosen(node: Any) -> None:
    """What may be null may be so beside an enum too; and alternatives that overlap cannot be "exactly one of"."""
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        _loosen(item)
    if isinstance(node, dict):
        if node.get("nullable") is True and None not in node.get("enum", [None]):
            node["enum"] = [*node["enum"], None]
        if isinstance(node.get("oneOf"), list):
            node["anyOf"] = node.pop("oneOf")


def _request(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> MockRequest:
    address = urlsplit(path)
    return MockRequest(
        HOST,
        method.lower(),
        address.path,
        args=MultiDict(parse_qsl(address.query)),
        headers=dict(headers),
        data=body or b"",
        content_type="application/json",
    )


def check_request(method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> None:
    """Raise where the document does not allow that request. `path` may carry a query."""
    document().validate_request(_request(method, path, headers, body))


def check_response(method: str, path: str, status: int, body: bytes, content_type: str = "application/json") -> None:
    """Raise where the document does not allow that answer to that call."""
    answer = MockResponse(body, status_code=status, content_type=content_type.partition(";")[0])
    document().validate_response(_request(method, path, {}, None), answer)
