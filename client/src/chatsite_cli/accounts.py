"""Commands about accounts: login, signup, guest, logout, accounts."""

import getpass
import sys
from urllib.parse import urlsplit

import click
from chatsite_client import (
    Api,
    ChatsiteError,
    Entrance,
    enter_as_guest,
    safe,
    sign_in,
    sign_out,
    sign_out_elsewhere,
    sign_up,
)
from chatsite_client.transport import address_of, is_readable_on_the_way

from chatsite_cli.config import Account
from chatsite_cli.run import Session, command, note, say

PATIENCE = 3.0

insecure = click.option("--insecure-http", is_flag=True, help="Send what is secret over plain http, for all to read.")
called = click.option("--as", "name", metavar="NAME", help="What to call the account here; else USER@HOST.")
from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.command()
@click.argument("url")
@click.option("--user", required=True, help="Your username, or your email address.")
@from_stdin
@called
@insecure
@click.pass_obj
@command
async def login(
    session: Session, *, url: str, user: str, password_stdin: bool, name: str | None, insecure_http: bool
) -> None:
    """Log in to the site at URL with an account that you have there."""
    site = _site(url, insecure_http)
    known = [account for account in session.config.accounts() if account.site == site and account.device]
    device = next((account.device for account in known if user in {account.username, account.name}), None)
    password = _password(password_stdin)
    async with Api(site, patience=PATIENCE) as api:
        await _keep(session, api, await sign_in(api, user, password, device=device), name)


@click.command()
@click.argument("url")
@click.option("--user", required=True, help="The username that you would like.")
@click.option("--email", default="", help="Your address, where the site asks for one.")
@from_stdin
@called
@insecure
@click.pass_obj
@command
async def signup(
    session: Session, *, url: str, user: str, email: str, password_stdin: bool, name: str | None, insecure_http: bool
) -> None:
    """Make an account on the site at URL, and log in."""
    site = _site(url, insecure_http)
    password = _password(password_stdin, twice=True)
    async with Api(site, patience=PATIENCE) as api:
        await _keep(session, api, await sign_up(api, user, email, password), name)


@click.command()
@click.argument("url")
@click.option("--name", "display_name", required=True, help="How others see you.")
@called
@insecure
@click.pass_obj
@command
async def guest(session: Session, *, url: str, display_name: str, name: str | None, insecure_http: bool) -> None:
    """Come in as a guest, without an account, where the site at URL lets guests in."""
    async with Api(_site(url, insecure_http), patience=PATIENCE) as api:
        await _keep(session, api, await enter_as_guest(api, display_name), name)


@click.command()
@click.argument("name", required=False)
@click.option("--everywhere", is_flag=True, help="End the account's sessions on all devices.")
@click.pass_obj
@command
async def logout(session: Session, *, name: str | None, everywhere: bool) -> None:
    """Log out: the session ends on the site, and its token is forgotten here."""
    account = session.config.account(name) if name else session.account()
    if account is None:
        raise ChatsiteError("CHATSITE_TOKEN is set: unset it, or name an account.")
    async with Api(account.site, token=session.config.token(account), patience=PATIENCE) as api:
        if everywhere:
            await sign_out_elsewhere(api)
        await sign_out(api)
    session.config.remove(account.name)
    note(f"{safe.line(account.name)} is logged out.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
@click.option("--use", metavar="NAME", help="Make this account the one that commands use.")
@click.pass_obj
@command
async def accounts(session: Session, *, as_json: bool, use: str | None) -> None:
    """List the accounts that are logged in here; the first is the one that commands use."""
    if use:
        session.config.make_default(use)
    for account in session.config.accounts():
        about = {"name": account.name, "site": account.site, "username": account.username, "guest": account.is_guest}
        say(safe.as_json(about) if as_json else f"{safe.line(account.name)}  {account.site}")


async def _keep(session: Session, api: Api, entrance: Entrance, name: str | None) -> None:
    api.token = entrance.token
    me = await api.me()
    name = name or f"{me['username']}@{urlsplit(api.site).netloc}"
    account = Account(name, api.site, me["username"], me["id"], me["is_guest"], entrance.device)
    session.config.add(account, entrance.token)
    note(f"Logged in as {safe.line(me['display_name'])}. The account is called {safe.line(name)} here.")


def _site(url: str, insecure_http: bool) -> str:
    site = address_of(url)
    if is_readable_on_the_way(site) and not insecure_http:
        raise ChatsiteError(
            f"{site} is plain http: others on the network could read your password and all that you say. Use https, or "
            "say --insecure-http if you know that network."
        )
    return site


def _password(from_stdin: bool, *, twice: bool = False) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if twice and getpass.getpass("The same again: ") != password:
            raise ChatsiteError("These are two different passwords. Try again.")
    else:
        raise ChatsiteError("There is no terminal to ask for the password. Give it by --password-stdin.")
    if not password:
        raise ChatsiteError("The password is empty. Try again.")
    return password
