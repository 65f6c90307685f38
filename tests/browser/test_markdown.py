"""What people write is what is shown: a table of what is typed, and of what somebody reads."""

import pytest

from tests.browser.conftest import NewPerson
from tests.browser.rooms import open_room, say, wait_for_words

pytestmark = pytest.mark.browser

# Written, and read: "1." and "•" for the marks of lists, "|" before what is quoted, [ ] around code, < > around a link.
CASES = [
    ("42. is the answer", "42. is the answer"),
    ("1. one\n2. two", "1. one\n2. two"),
    ("0. nought", "0. nought"),
    ("3. three\n5. five", "3. three\n5. five"),
    ("1) one\n2) two", "1. one\n2. two"),
    ("2026. That was a year", "2026. That was a year"),
    ("12.5 is no list", "12.5 is no list"),
    ("1.no list", "1.no list"),
    ("1.\tone", "1. one"),
    ("- a\n- b", "• a\n• b"),
    ("* a\n* b", "• a\n• b"),
    ("+ a", "• a"),
    ("-5 degrees", "-5 degrees"),
    ("- a\n  - b\n- c", "• a\n  • b\n• c"),
    ("1. a\n   - b\n2. c", "1. a\n  • b\n2. c"),
    ("- [ ] to do\n- [x] done", "• [ ] to do\n• [x] done"),
    ("-", "-"),
    ("*", "*"),
    (">", ">"),
    ("- - -", "- - -"),
    ("***", "***"),
    ("---", "---"),
    ("a\nb", "a\nb"),
    ("a\n\nb", "a\nb"),
    ("a\n\n\n\nb", "a\nb"),
    ("a  \nb", "a\nb"),
    ("a\\\nb", "a\nb"),
    ("    indented", "indented"),
    ("\tindented", "indented"),
    ("a\n    b", "a\nb"),
    ("**bold**", "**bold**"),
    ("__bold__", "**bold**"),
    ("*it*", "*it*"),
    ("_it_", "*it*"),
    ("***both***", "***both***"),
    ("~~gone~~", "~gone~"),
    ("~one~", "~one~"),
    ("2*3*4", "2*3*4"),
    ("2 * 3 * 4", "2 * 3 * 4"),
    ("snake_case_name", "snake_case_name"),
    ("_private", "_private"),
    ("__init__", "**init**"),
    ("**no end", "**no end"),
    ("*a **b* c**", "*a **b* c**"),
    ("\\*stars\\*", "*stars*"),
    ("a*", "a*"),
    ("f(*args, **kwargs)", "f(*args, **kwargs)"),
    ("**a**b", "**a**b"),
    ("5**2", "5**2"),
    ("***", "***"),
    ("`code`", "[code]"),
    ("`` a`b ``", "[a`b]"),
    ("`a", "`a"),
    ("```\nblock\n```", "[block]"),
    ("```python\nx = 1\n```", "[x = 1]"),
    ("```\na\n\n\nb\n```", "[a\n\n\nb]"),
    ("~~~\ntilde\n~~~", "[tilde]"),
    ("```\nno end", "[no end]"),
    ("`<b>`", "[<b>]"),
    ("`**not bold**`", "[**not bold**]"),
    ("`a  b`", "[a  b]"),
    ("> quoted", "| quoted"),
    ("> a\n> b", "| a\n| b"),
    ("> a\nb", "| a\n| b"),
    ("> a\n\nb", "| a\nb"),
    (">> deep", "| | deep"),
    ("a > b", "a > b"),
    ("a\n> b", "a\n| b"),
    ("> - a\n> - b", "| • a\n| • b"),
    ("> `c`", "| [c]"),
    ("# title", "# title"),
    ("#1 winner", "#1 winner"),
    ("a\n===", "a\n==="),
    ("a\n---", "a\n---"),
    ("###", "###"),
    ("| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"),
    ("https://example.org/", "<https://example.org/>"),
    ("see https://example.org/a_b_c.", "see <https://example.org/a_b_c>."),
    ("(https://example.org/x)", "(<https://example.org/x>)"),
    ("https://example.org/?a=1&b=2", "<https://example.org/?a=1&b=2>"),
    ("<https://example.org/>", "<https://example.org/>"),
    ("[words](https://example.org/)", "<words>"),
    ("[words](javascript:alert(1))", "[words](javascript:alert(1))"),
    ("[words]", "[words]"),
    ("[words](", "[words]("),
    ("[a]: https://example.org", "[a]: <https://example.org>"),
    ("![picture](https://example.org/i.png)", "!<picture>"),
    ("www.example.org", "www.example.org"),
    ("ann@example.org", "<ann@example.org>"),
    ("setup.py", "setup.py"),
    ("[x] (y)", "[x] (y)"),
    ("[a][b]", "[a][b]"),
    ("<b>bold</b>", "<b>bold</b>"),
    ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ("a < b && c > d", "a < b && c > d"),
    ("&amp; &lt; &copy;", "&amp; &lt; &copy;"),
    ("\"quoted\" 'single'", "\"quoted\" 'single'"),
    ("C:\\path\\file", "C:\\path\\file"),
    ("\\n", "\\n"),
    ("\\\\", "\\"),
    ("a -- b ... c", "a -- b ... c"),
    (":-) <3 ¯\\_(ツ)_/¯", ":-) <3 ¯_(ツ)_/¯"),
    ("(c) (tm) +-", "(c) (tm) +-"),
    ("100 %", "100 %"),
    ("$x$ and $$y$$", "$x$ and $$y$$"),
    ("👍🏽", "👍🏽"),
    ("مرحبا", "مرحبا"),
    ("1️⃣ one", "1️⃣ one"),
    ("a\xa0b", "a\xa0b"),
]
READ = """() => {
    const read = (node) => {
        if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/\\n/g, "");
        const name = node.nodeName;
        const children = [...node.childNodes];
        const words = () => children.map(read).join("");
        if (name === "BR") return "\\n";
        if (name === "PRE") return `[${node.textContent.replace(/\\n$/, "")}]`;
        if (name === "CODE") return `[${node.textContent}]`;
        if (name === "A") return `<${words()}>`;
        if (name === "STRONG") return `**${words()}**`;
        if (name === "EM") return `*${words()}*`;
        if (name === "S") return `~${words()}~`;
        if (name === "BLOCKQUOTE") return lines(node).split("\\n").map((line) => `| ${line}`).join("\\n");
        if (name === "UL" || name === "OL") {
            return [...node.children].map((item) =>
                `${name === "UL" ? "•" : `${item.value}.`} ${lines(item).replace(/\\n/g, "\\n  ")}`).join("\\n");
        }
        return words();
    };
    const BLOCKS = new Set(["P", "UL", "OL", "PRE", "BLOCKQUOTE"]);
    const lines = (node) => {
        const out = [];
        let loose = "";
        for (const child of node.childNodes) {
            if (BLOCKS.has(child.nodeName)) {
                if (loose.trim()) out.push(loose);
                loose = "";
                out.push(read(child));
            } else loose += read(child);
        }
        if (loose.trim()) out.push(loose);
        return out.join("\\n");
    };
    return [...document.querySelectorAll("#transcript .log .entry .message-body")].map(lines);
}"""

# How wide a number is in the words of a message, and how much its list leaves for it before the words.
ROOM_FOR_NUMBERS = """(number) => {
    const list = document.querySelector("#transcript .message-body ol");
    const measure = document.createElement("span");
    measure.textContent = number;
    list.firstElementChild.append(measure);
    const width = measure.getBoundingClientRect().width;
    measure.remove();
    return { number: width, padding: parseFloat(getComputedStyle(list).paddingInlineStart) };
}"""


def test_what_is_written_is_what_is_read(new_person: NewPerson) -> None:
    ann = new_person("ann")
    open_room(ann, "Words")
    for written, _read in CASES:
        say(ann.page, written)
    wait_for_words(ann.page, len(CASES))
    # Of those that waited for what reads Markdown, the first one is the last to be read.
    ann.page.wait_for_selector("#transcript li[value='42']")
    read = ann.page.evaluate(READ)
    assert [(written, shown) for (written, _), shown in zip(CASES, read, strict=True)] == CASES


def test_paragraphs_stand_further_apart_than_lines(new_person: NewPerson) -> None:
    ann = new_person("ann")
    open_room(ann, "Space")
    say(ann.page, "one\ntwo\n\nthree")
    wait_for_words(ann.page, 1)
    # What reads Markdown is fetched when there is some.
    ann.page.wait_for_selector("#transcript .message-body p + p")
    first, second = ann.page.locator("#transcript .message-body p").all()
    upper, lower = first.bounding_box(), second.bounding_box()
    assert upper is not None
    assert lower is not None
    # The first one has two lines.
    assert lower["y"] - upper["y"] - upper["height"] > upper["height"] / 8


def test_a_long_number_stays_on_a_phone_s_screen(new_person: NewPerson) -> None:
    ann = new_person("ann", phone=True)
    open_room(ann, "Numbers")
    say(ann.page, "1. short\n123456789. long")
    wait_for_words(ann.page, 1)
    ann.page.wait_for_selector("#transcript .message-body ol")
    room = ann.page.evaluate(ROOM_FOR_NUMBERS, "123456789.")
    assert room["padding"] > room["number"]
