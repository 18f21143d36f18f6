"""
Traces of requests by OpenTelemetry, where an operator names a collector: method, route, status and
times. No body, path, header or address of a client is in them.
"""

from __future__ import annotations

from collections.abc import Callable

from algebra.extras import libraries
from service.operations.sections import TelemetrySettings

Trace = Callable[[str, str, int, int, int], None]
"""Takes method, route, status, and nanoseconds since 1970 at begin and end."""


class Telemetry:
    """
    Parameters
    ----------
    settings : without an endpoint nothing is loaded and nothing is sent.

    Raises
    ------
    Unavailable
        `unavailable.extra`: an endpoint is named and the libraries are not installed.
    """

    def __init__(self, settings: TelemetrySettings) -> None:
        self._provider = None
        if settings.endpoint is None:
            return
        with libraries("telemetry"):
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import SERVICE_NAME, Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
        self._provider = TracerProvider(
            resource=Resource({SERVICE_NAME: "tierproof"}),
            sampler=TraceIdRatioBased(settings.sample),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint=settings.endpoint, timeout=5)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("tierproof.service")

    def request(self, method: str, route: str, status: int, began: int, ended: int) -> None:
        """A request that was answered, as `Trace`."""
        if self._provider is None:
            return
        span = self._tracer.start_span(
            f"{method} {route}",
            start_time=began,
            attributes={
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
            },
        )
        span.end(ended)

    def close(self) -> None:
        """Send what waits, for a few seconds at most."""
        if self._provider is not None:
            self._provider.shutdown()
