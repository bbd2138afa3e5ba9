"""For integrators at the command line: `python -m sharing_hub.client key|token|listen`.

key     makes a key pair: the private key into a file, the public JWK set to register on standard output.
token   prints an access token for curl.
listen  receives webhooks, verifies each as a partner must, and prints it.
"""

import argparse
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import standardwebhooks
from joserfc import jwk

from sharing_hub.client import client

MAX_BODY_BYTES = 256 * 1024


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.command(chosen))
    except (client.HubRefused, client.HubUnreachable, OSError, ValueError) as e:
        print(e, file=sys.stderr)
        return 1


def load_key(path: Path) -> jwk.Key:
    """Return a private key from a JWK file.

    Raises:
        ValueError: it is none.
    """
    return jwk.import_key(json.loads(path.read_text()))


def make_key(path: Path) -> dict[str, object]:
    """Make an Ed25519 key, keep it in a new file of mode 0600, and return the public JWK set to register.

    Raises:
        FileExistsError: there is a file of this name.
    """
    made = jwk.OKPKey.generate_key("Ed25519", auto_kid=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(made.as_dict(private=True), file)
    return {"keys": [made.as_dict(private=False)]}


def _key(chosen: argparse.Namespace) -> int:
    print(json.dumps(make_key(chosen.file)))
    return 0


def _token(chosen: argparse.Namespace) -> int:
    verify: str | bool = str(chosen.authority) if chosen.authority else True
    with client.AgencyClient(chosen.url, chosen.client_id, load_key(chosen.key), verify) as hub:
        print(hub.token())
    return 0


def _listen(chosen: argparse.Namespace) -> int:
    server = ThreadingHTTPServer((chosen.host, chosen.port), _handler(chosen.secret_file.read_text().strip()))
    print(f"listening on http://{chosen.host}:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
    return 0


def _handler(secret: str) -> type[BaseHTTPRequestHandler]:
    verifier = standardwebhooks.Webhook(secret)

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(min(length, MAX_BODY_BYTES))
            is_json = "json" in self.headers.get("Content-Type", "")
            try:
                said = verifier.verify(body, dict(self.headers), json_parse=is_json)
            except (standardwebhooks.WebhookVerificationError, ValueError) as e:
                self._answer(401, f"refused: {e}")
                return
            self._answer(204, json.dumps(said, ensure_ascii=False) if is_json else body.decode())

        def _answer(self, status: int, line: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            print(line, flush=True)

        def log_message(self, *_: object) -> None:
            """Say nothing beside what arrived."""

    return Receiver


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sharing_hub.client", description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    key = commands.add_parser("key", help="make a key pair")
    key.add_argument("file", type=Path, help="new file for the private key")
    key.set_defaults(command=_key)
    token = commands.add_parser("token", help="print an access token")
    token.add_argument("--url", required=True)
    token.add_argument("--client-id", required=True)
    token.add_argument("--key", required=True, type=Path, help="file of the private key (JWK)")
    token.add_argument("--authority", type=Path, help="PEM file of the hub's own authority")
    token.set_defaults(command=_token)
    listen = commands.add_parser("listen", help="receive webhooks and print them")
    listen.add_argument("--secret-file", required=True, type=Path, help="holds the endpoint's secret, whsec_…")
    listen.add_argument("--host", default="127.0.0.1")
    listen.add_argument("--port", type=int, default=8799, help="0 picks a free one and prints it")
    listen.set_defaults(command=_listen)
    return parser


if __name__ == "__main__":
    sys.exit(main())
