"""`/v1/docs`: the OpenAPI document as a page. No script, and nothing from another place."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from service.api.access import requires

router = APIRouter()

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid GrayText; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; }
section { border-top: 1px solid GrayText; margin-top: 2rem; }
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@router.get(
    "/docs", response_class=HTMLResponse, include_in_schema=False, dependencies=[requires("read")]
)
async def page(request: Request) -> HTMLResponse:
    """The page."""
    headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
    return HTMLResponse(written(request.app.openapi()), headers=headers)


def written(document: dict[str, Any]) -> str:
    """The page of an OpenAPI document."""
    routes = [
        (f"{method.upper()} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    listed = "".join(
        f'<li><a href="#{_anchor(name)}"><code>{escape(name)}</code></a></li>' for name, _ in routes
    )
    title = escape(document["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>{title}</h1>"
        f"<p>{escape(document['info'].get('description', ''))} "
        'The document itself: <a href="openapi.json">openapi.json</a>.</p>'
        f'<nav aria-label="Routes"><ul>{listed}</ul></nav>'
        + "".join(_route(document, name, operation) for name, operation in routes)
        + "</main></body></html>"
    )


def _anchor(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-")


def _route(document: dict[str, Any], name: str, operation: dict[str, Any]) -> str:
    text = escape(operation.get("description") or operation.get("summary", ""))
    anchor = _anchor(name)
    return (
        f'<section aria-labelledby="{anchor}"><h2 id="{anchor}"><code>{escape(name)}</code></h2>'
        f"<p>{text}</p>"
        + _parameters(operation.get("parameters", []))
        + _body(operation.get("requestBody"))
        + _answers(document, operation["responses"])
        + "</section>"
    )


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = [(each["name"], each["in"], each.get("description", "")) for each in parameters]
    return _table("Parameters", ("name", "in", "what"), rows)


def _body(body: dict[str, Any] | None) -> str:
    if body is None:
        return ""
    (content,) = body["content"].values()
    schema = content["schema"]["$ref"].rpartition("/")[2]
    return (
        f"<h3>Body</h3><p>{escape(body['description'])} Schema: <code>{escape(schema)}</code></p>"
    )


def _answers(document: dict[str, Any], responses: dict[str, Any]) -> str:
    rows = [(status, each["description"]) for status, each in responses.items()]
    return _table("Answers", ("status", "what"), rows) + _example(document, responses)


def _example(document: dict[str, Any], responses: dict[str, Any]) -> str:
    done = next(each for status, each in responses.items() if status.startswith("2"))
    if "content" not in done:
        return ""
    (content,) = done["content"].values()
    schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    return f"<h3>Example</h3><pre>{escape(json.dumps(schema['examples'][0], indent=2))}</pre>"


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    first = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(each)}</td>' for each in row)}</tr>" for row in rows
    )
    return f"<h3>{title}</h3><table><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table>"
