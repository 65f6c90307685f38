"""A page's scripts and style sheets become one file each, and do what they did."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from chatsite.assets.bundles import bundle_script, bundle_style, bundles, with_short_constants, without_spaces
from tests import servers

STATIC = servers.PROJECT / "static"
FILES = {
    "js/page/main.js": 'import { two } from "../lib/two.js";\nimport "../vendor.js";\nreport(two(), typeof vendor);\n',
    "js/lib/two.js": 'import { one } from "./one.js";\n\nconst N = one;\n\nexport function two() { return N + 1; }\n',
    "js/lib/one.js": "const N = 1;\nexport const one = N;\n",
    "js/vendor.js": "globalThis.vendor = 1;",
}


def run(script: str) -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("There is no Node here.")
    command = [node, "--input-type=module", "--eval", script]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_modules_with_the_same_names_in_them_work_in_one_file() -> None:
    made = bundle_script("js/page/main.js", FILES.__getitem__)
    said = run(f"globalThis.report = (...values) => console.log(JSON.stringify(values));\n{made}")
    assert json.loads(said) == [2, "number"]


def test_only_what_pages_ask_for_is_made() -> None:
    assert list(bundles(FILES, FILES.__getitem__)) == ["js/page/main.js"]


def test_comments_are_left_out_and_licences_kept() -> None:
    files = {
        "js/a.js": "/*! (c) */\n// why\n/**\n * what\n */\nrun(); // here\n",
        "css/a.css": "/*! (c) */\na { b: c } /* d */\n",
    }
    made = bundles(files, files.__getitem__)
    assert "why" not in made["js/a.js"]
    assert "what" not in made["js/a.js"]
    assert "/*! (c) */\nrun();" in made["js/a.js"]
    assert made["css/a.css"] == "/*! (c) */\na{b: c}"


def test_spaces_go_that_nothing_needs_and_what_is_said_keeps_its_own() -> None:
    kept = [
        '"a = ( b ) ; c"',
        "'a = b'",
        '`a, ${b ? `(c) ; ` : "d = e"} = f`',
        r"`${a.map(({ b }) => b)} ; c`",
        r"""/[ ="] , \/ (b)/u.test(c)""",
        r"/ = /.test(d)",
    ]
    assert without_spaces(f"a = {kept[0]};\nif (b && !c) {{\nd({', '.join(kept)}, e + +f, g - -h);\n}}") == (
        f"a={kept[0]};if(b&&!c){{d({','.join(kept)},e + +f,g - -h);}}"
    )
    assert without_spaces("const a = b / c, d = (e) / f;") == "const a=b / c,d=(e)/ f;"


def test_constants_of_a_module_have_short_names_that_nothing_else_has() -> None:
    source = 'const MOST_MS = 1;\nexport const KEPT = MOST_MS;\nconst ODD = `${MOST_MS}`;\nsay("ODD", A, a.ODD, ODD);\n'
    assert with_short_constants(source) == (
        'const B = 1;\nexport const KEPT = B;\nconst C = `${B}`;\nsay("ODD", A, a.ODD, C);\n'
    )


def test_constants_that_a_module_exports_keep_their_names() -> None:
    files = {
        "js/a.js": 'import { KEPT, own } from "./b.js";\n\nreport(KEPT, own());\n',
        "js/b.js": "const OWN_MS = 2;\nexport const KEPT = 1;\n\nexport function own() {\n  return KEPT + OWN_MS;\n}\n",
    }
    made = bundles(files, files.__getitem__)["js/a.js"]
    said = run(f"globalThis.report = (...values) => console.log(values.join());\n{made}")
    assert said == "1,3\n"


def test_what_is_imported_later_is_a_file_of_its_own_that_exports() -> None:
    files = {
        "js/page/main.js": 'import { load } from "../lib/load.js";\n\nload();\n',
        "js/lib/load.js": 'export async function load() {\n  return import("./far.js");\n}\n',
        "js/lib/far.js": "export const far = 1;\n",
    }
    made = bundles(files, files.__getitem__)
    assert made.keys() == {"js/page/main.js", "js/lib/far.js"}
    assert 'import("../lib/far.js")' in made["js/page/main.js"]
    assert made["js/lib/far.js"].endswith("export { far };\n")


def test_a_name_that_two_modules_export_is_refused() -> None:
    files = {"js/a.js": 'import "./b.js";\n\nexport const one = 1;\n', "js/b.js": "export const one = 2;\n"}
    with pytest.raises(ValueError, match=r"one is exported by js/b\.js and by js/a\.js"):
        bundle_script("js/a.js", files.__getitem__)


def test_a_circle_of_imports_is_refused() -> None:
    files = {"js/a.js": 'import "./b.js";\n', "js/b.js": 'import "./a.js";\n'}
    with pytest.raises(ValueError, match=r"js/a\.js imports itself"):
        bundle_script("js/a.js", files.__getitem__)


def test_a_style_sheet_takes_in_what_it_imports_in_order() -> None:
    files = {"css/a.css": '@import "b.css";\n\na { color: red; }\n', "css/b.css": "b { color: blue; }\n"}
    assert bundle_style("css/a.css", files.__getitem__) == "b{color: blue}a{color: red}"


def test_pages_ask_only_for_files_that_are_made() -> None:
    names = [str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file()]
    made = bundles(names, lambda name: (STATIC / name).read_text())
    templates = "".join(path.read_text() for path in Path(servers.PROJECT / "templates").rglob("*.html"))
    assert set(re.findall(r"static '((?:js|css)/[^']+)'", templates)) <= made.keys()


def test_private_members_have_short_names_that_are_the_same_wherever_they_are_used() -> None:
    many = "\n".join(f"  #member{number} = {number};" for number in range(60))
    source = f"""class Counter {{
{many}
  #count = 1;
  static #from = 2;

  get #next() {{
    return this.#count + Counter.#from;
  }}

  async *#steps() {{
    yield this?.#next;
  }}

  async run() {{
    for await (const step of this.#steps()) report(step, this.#member0, this.#member59, "#count");
  }}
}}
new Counter().run();
"""
    made = bundles({"js/a.js": source}, {"js/a.js": source}.__getitem__)["js/a.js"]
    assert "#member" not in made
    assert ".#count" not in made
    said = run(f"globalThis.report = (...values) => console.log(JSON.stringify(values));\n{made}")
    assert json.loads(said) == [3, 0, 59, "#count"]
