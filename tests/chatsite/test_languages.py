"""Every sentence for people is there in every language of the site, in all its plural forms, and is compiled."""

import gettext
import re
import shutil
import subprocess
import sys
from pathlib import Path
from string import Formatter

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import ngettext, override

from chatsite.assets.plurals import SAMPLES, plural_samples
from tests import servers

TRANSLATED = [code for code, _ in settings.LANGUAGES if code != "en"]
# What holds sentences for people; where they are gathered, nothing else is looked at.
SOURCES = ["accounts", "api", "chatsite", "rooms", "templates", "locale", "manage.py", "pyproject.toml"]
NAMED = re.compile(r"%\((\w+)\)[sd]")

Catalog = dict[str | tuple[str, int], str]


def file_of(language: str, name: str, root: Path = servers.PROJECT) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / name


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]


def names_in(sentence: str) -> set[str]:
    return {*NAMED.findall(sentence), *(name for _, name, _, _ in Formatter().parse(sentence) if name)}


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, in which the sentences have just been gathered anew."""
    servers.need("gettext")
    root = tmp_path_factory.mktemp("gathered")
    for name in SOURCES:
        source = servers.PROJECT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / name)
    locales = [argument for language in TRANSLATED for argument in ("--locale", language)]
    command = [sys.executable, "manage.py", "makemessages", "--verbosity", "0", *locales, "--no-obsolete"]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return root


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("lacking", ["--untranslated", "--only-fuzzy"])
def test_no_sentence_lacks_a_translation(gathered: Path, language: str, lacking: str) -> None:
    """``make messages`` gathers what is new; then it is for people to translate it."""
    command = ["msgattrib", lacking, "--no-wrap", file_of(language, "django.po", gathered)]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert re.findall(r'^msgid "(.+)"$', found, re.MULTILINE) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_compiled_is_what_was_written(tmp_path: Path, language: str) -> None:
    """The compiled files are kept, so that a site starts on a machine without gettext."""
    servers.need("gettext")
    compiled = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--check", "-o", compiled, file_of(language, "django.po")], check=True)
    assert read(compiled) == read(file_of(language, "django.mo"))


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_name_what_their_sentences_name(language: str) -> None:
    """A number may be a word in one of the forms ("two people"); nothing is named that the sentence does not know."""
    wrong = []
    for key, translation in read(file_of(language, "django.mo")).items():
        sentence, form = key if isinstance(key, tuple) else (key, None)
        if not sentence:
            continue
        known, used = names_in(sentence), names_in(translation)
        counted = {"count", "left", "members", "rows", "used"}
        if used - known - counted or (known - used - (counted if form is not None else set())):
            wrong.append((sentence, translation))
    assert wrong == []


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_each_plural_form_is_asked_for_by_a_number_of_its_own(language: str) -> None:
    with override(language):
        categories = [category for category, _ in plural_samples()]
        forms = [ngettext("{count} person here", "{count} people here", number) for _, number in plural_samples()]
    assert categories == list(SAMPLES[language])
    assert len(set(forms)) == len(forms)


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("de", "ltr"), ("ar", "rtl")])
def test_a_stranger_chooses_a_language_and_keeps_it(client: Client, db: None, language: str, direction: str) -> None:
    response = client.post("/i18n/setlang/", {"language": language, "next": "/accounts/login/"}, follow=True)
    text = response.content.decode()
    assert response.redirect_chain == [("/accounts/login/", 302)]
    assert f'<html lang="{language}" dir="{direction}">' in text
    assert ("bootstrap.rtl.min.css" in text) == (direction == "rtl")
    for name in ("English", "Deutsch", "العربيّة"):
        assert name in text


def test_a_browser_is_answered_in_its_language(client: Client, db: None) -> None:
    text = client.get("/accounts/login/", headers={"accept-language": "de-AT,de;q=0.9"}).content.decode()
    assert '<html lang="de" dir="ltr">' in text
    assert "Anmelden" in text
