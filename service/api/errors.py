"""Each error that leaves an endpoint, and the problem document that answers it."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from algebra.errors import TierproofError
from service.api.problem import Problem, fault, from_error, from_exception, known

log = logging.getLogger("tierproof.service")


def answer_errors(app: FastAPI) -> None:
    """Have the application answer every error by its problem document."""

    async def ours(_: Request, error: Exception) -> JSONResponse:
        return (
            from_error(error).response()
            if isinstance(error, TierproofError)
            else fault().response()
        )

    async def problem(_: Request, error: Exception) -> JSONResponse:
        found = error if isinstance(error, Problem) else from_exception(error)
        return found.response()

    async def database(_: Request, error: Exception) -> JSONResponse:
        log.error("database: %s", type(error).__name__)
        return known("unavailable.database", "the database does not answer").response()

    async def framework(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, HTTPException):
            return fault().response()
        return Problem(
            error.status_code, f"http.{error.status_code}", str(error.detail), headers=error.headers
        ).response()

    app.add_exception_handler(TierproofError, ours)
    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(SQLAlchemyError, database)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(Exception, problem)  # 500 without a word about the inside
