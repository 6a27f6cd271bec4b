"""The page as a Gradio app: one component for what is seen, and the desk's methods as its endpoints."""

from collections.abc import Callable
from functools import wraps
from importlib.resources import files
from typing import Any

import gradio as gr
from gradio.events import api
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import DocumentError, RagError
from rag.page.desk import Desk

_HERE = files("rag.page")
# Gradio's own page needs inline scripts and `Function`; beyond that, nothing is loaded from or sent to anywhere else.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'none'"
)


def build(desk: Desk) -> gr.Blocks:
    """The page in front of a desk."""
    page: gr.Blocks
    with gr.Blocks(title="Kutip", analytics_enabled=False) as page:
        gr.HTML(js_on_load=(_HERE / "page.js").read_text("utf-8"), apply_default_css=False, shells=desk.shells())
        api(desk.ask, concurrency_limit=4, api_visibility="undocumented")
        for endpoint in (
            desk.status,
            desk.halt,
            desk.restore,
            desk.translate,
            desk.source,
            desk.near,
            desk.find,
            desk.article,
            desk.add,
            desk.progress,
            desk.stop,
            desk.remove,
            desk.reindex,
            desk.correct,
            desk.rate,
            desk.export,
            desk.report,
        ):
            api(_in_words(endpoint), queue=False, api_visibility="undocumented")
    return page


def launch(page: gr.Blocks, desk: Desk, *, host: str, port: int) -> str:
    """Begin to serve the page and return its address.

    Raises:
        OSError: the port is taken.
    """
    _, address, _ = page.launch(
        server_name=host,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        pwa=False,
        share=False,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        head=f'<link rel="stylesheet" href="fonts/fonts.css"><style>{(_HERE / "style.css").read_text("utf-8")}</style>',
        favicon_path=str(_HERE / "icon.svg"),
        app_kwargs={
            "middleware": [Middleware(_ContentPolicy)],
            "routes": [_uploads(desk), Mount("/fonts", StaticFiles(packages=[("rag.page", "fonts")]))],
        },
    )
    return str(address)


def _uploads(desk: Desk) -> Route:
    """Takes a file by PUT, which a page of another site cannot send here, and answers with the token that `add` takes."""

    async def upload(request: Request) -> JSONResponse:
        try:
            return JSONResponse({"token": await desk.intake.keep(request.path_params["name"], request.stream())})
        except DocumentError as error:
            return JSONResponse({"error": str(error)}, status_code=413)

    return Route("/upload/{name:path}", upload, methods=["PUT"])


def _in_words(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The endpoint, its errors of ours told to the page as the sentences they are."""

    @wraps(endpoint)
    def call(*values: Any) -> Any:
        try:
            return endpoint(*values)
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return call


class _ContentPolicy:
    """Tells the browser to load nothing from elsewhere, whatever a text may ask of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Content-Security-Policy"] = _POLICY
            await send(message)

        await self._app(scope, receive, with_policy)
