"""Each error that leaves an endpoint, and the problem document that answers it."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from algebra.errors import TierproofError
from service.api.problem import Problem, from_error, from_exception, known

log = logging.getLogger("tierproof.service")


def problem_of(error: Exception) -> Problem:
    """The answer to whatever was raised; 500 says nothing about the inside."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, TierproofError):
        return from_error(error)
    if isinstance(error, SQLAlchemyError):
        log.error("database: %s", type(error).__name__)
        return known("unavailable.database", "the database does not answer")
    if isinstance(error, RequestValidationError):
        return _of_parameter(error)
    if isinstance(error, HTTPException):
        return Problem(
            error.status_code, f"http.{error.status_code}", str(error.detail), headers=error.headers
        )
    return from_exception(error)


def _of_parameter(error: RequestValidationError) -> Problem:
    """A parameter of the address that is out of range; its value is not repeated."""
    first = error.errors()[0]
    part = str(first["loc"][-1])
    return known("malformed.request", f"{part}: {first['msg']}", part=part)


def answer_errors(app: FastAPI) -> None:
    """Have the application answer every error by its problem document."""

    async def answer(_: Request, error: Exception) -> JSONResponse:
        return problem_of(error).response()

    for kind in (TierproofError, Problem, SQLAlchemyError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)
    app.add_exception_handler(Exception, answer)
