#!/usr/bin/python3
"""A browser of one window that WebKit's driver starts; its console goes to the file that it is given.

It runs on the Python of Debian, which has GTK. (MiniBrowser, which comes with WebKit, keeps its
console to itself.)
"""

import os
import sys
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # type: ignore[import-not-found]  # noqa: E402


def main(console: str) -> None:
    os.dup2(os.open(console, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), sys.stderr.fileno())
    # An ephemeral one would write no console. What it keeps is in the folder that is HOME.
    data = WebKit2.WebsiteDataManager(base_data_directory=os.environ["HOME"], base_cache_directory=os.environ["HOME"])
    context = WebKit2.WebContext.new_with_website_data_manager(data)
    context.set_automation_allowed(True)

    def open_window(*_: Any) -> Any:
        settings = WebKit2.Settings(enable_write_console_messages_to_stdout=True, enable_developer_extras=True)
        view = WebKit2.WebView(web_context=context, settings=settings, is_controlled_by_automation=True)
        window = Gtk.Window(default_width=1280, default_height=800)
        window.add(view)
        window.show_all()
        return view

    def on_started(_: Any, session: Any) -> None:
        session.connect("create-web-view", open_window)

    context.connect("automation-started", on_started)
    Gtk.main()


if __name__ == "__main__":
    main(sys.argv[1])
