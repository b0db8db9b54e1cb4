"""``brinery keys``: the user's own key, and those of others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from brinery.errors import KeyFileError
from brinery.trust import Keyring, keyring
from brinery.trust.files import home
from brinery.trust.identity import PublicKey
from brinery.trust.keyring import OwnKey
from brinery.trust.keys import find_key, new_key, revoke_key, trust_key

keys = typer.Typer(no_args_is_help=True, help="Your key, and the keys of those whose files you trust.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def errors_told() -> Iterator[None]:
    """End with a line on standard error, not with a traceback, when keys cannot be used."""
    try:
        yield
    except KeyFileError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None


def described(own: OwnKey) -> dict[str, Any]:
    """What may be told of an own key."""
    public = own.identity.public
    return {"fingerprint": public.fingerprint, "public": public.text, "made": own.made}


@keys.command()
def show(as_json: Json = False) -> None:
    """Show the key in use, which is made if there is none."""
    with errors_told():
        told = described(keyring().own[-1]) | {"home": str(home())}
    if as_json:
        typer.echo(json.dumps(told))
        return
    for name, value in told.items():
        typer.echo(f"{name:<12} {value or 'unknown'}")


@keys.command()
def new() -> None:
    """Make a new key. What you sealed and signed with the one before still opens."""
    with errors_told():
        identity = new_key()
        typer.echo(identity.public.text)


@keys.command()
def export(
    secret: Annotated[
        bool, typer.Option(help="The secret, for BRINERY_KEY on your machines: whoever has it is you.")
    ] = False,
) -> None:
    """Print the public half of the key in use, for others to trust."""
    with errors_told():
        identity = keyring().current
        typer.echo(identity.secret_text() if secret else identity.public.text)


@keys.command()
def trust(
    name: Annotated[str, typer.Argument(help="What you call its owner.")],
    key: Annotated[str, typer.Argument(help="What `brinery keys export` printed for them, or a file with it.")],
) -> None:
    """Trust what somebody signs as if it were yours."""
    with errors_told():
        public = PublicKey.from_text(key if key.startswith("brinery-public:") else text_of(key))
        trust_key(name, public)
        typer.echo(f"what {public.fingerprint} signs is trusted, as {name}")


def text_of(path: str) -> str:
    """What a file that was named on the command line holds."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{path} is neither a key nor a file with one: {error}") from None


@keys.command()
def revoke(who: Annotated[str, typer.Argument(help="A name, a fingerprint, or a public key.")]) -> None:
    """Have a key count no more. If it is yours, a new one takes its place."""
    with errors_told():
        found = find_key(keyring(), who)
        if not found:
            raise KeyFileError(f"no key is known as {who}: see  brinery keys list")
        for key in found:
            revoke_key(key)
            typer.echo(f"revoked {key.fingerprint}")


@keys.command(name="list")
def list_keys(as_json: Json = False) -> None:
    """List your keys, those you trust, and those that were revoked."""
    with errors_told():
        ring = keyring()
        rows = list(rows_of(ring))
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    for column in ("kind", "name", "fingerprint", "since"):
        table.add_column(column)
    for row in rows:
        table.add_row(row["kind"], row["name"] or "", row["fingerprint"], row["since"] or "")
    Console().print(table)


def rows_of(ring: Keyring) -> Iterator[dict[str, str | None]]:
    """A row for each key that is known; a revoked one is in the last ones only."""
    for own in reversed(ring.own):
        if ring.revocation_of(own.identity.public) is None:
            kind = "in use" if own.identity is ring.current else "own"
            yield row_of(kind, own.identity.public, since=own.made)
    for name, trusted in ring.trusted.items():
        for key in trusted:
            yield row_of("trusted", key, name=name)
    for each in ring.revoked:
        yield row_of("revoked", PublicKey.from_text(each.key), name=each.name, since=each.when)


def row_of(kind: str, key: PublicKey, *, name: str | None = None, since: str | None = None) -> dict[str, str | None]:
    """What is listed of a key."""
    return {"kind": kind, "name": name, "fingerprint": key.fingerprint, "public": key.text, "since": since}
