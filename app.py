"""The chat page: `python app.py [--host HOST] [--port PORT]`."""

import argparse
import sys
from collections.abc import Sequence

from rag.config import Config
from rag.errors import RagError
from rag.page.desk import Desk
from rag.page.server import build, launch


def main(arguments: Sequence[str] | None = None) -> str | None:
    """Serve the page until it is stopped, or say in a sentence why it cannot be."""
    parser = argparse.ArgumentParser(description="Chat with the articles in a browser.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this computer only)")
    parser.add_argument("--port", type=int, default=7860)
    options = parser.parse_args(arguments)
    try:
        desk = Desk(Config.load())
        page = build(desk)
        address = launch(page, desk, host=options.host, port=options.port)
    except RagError as error:
        return f"kutip: {error}"
    except (OSError, OverflowError) as error:
        why = "stop what uses it, or choose another with PORT="
        return f"kutip: {options.host}, port {options.port} cannot be used ({error}); {why}"
    print(f"Kutip is at {address} (Ctrl+C stops it)", flush=True)  # noqa: T201
    page.block_thread()
    desk.close()
    return None


if __name__ == "__main__":
    sys.exit(main())
