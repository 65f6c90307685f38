"""A transcript that is scrolled, and what of it is in the document."""

from playwright.sync_api import Page

# What message_rows.js and the issue allow.
MOST_DRAWN = 500
DRAWN = "() => document.querySelectorAll('#transcript .log .entry').length"
ROWS_ABOVE_ALL = "() => Number(document.querySelector('#transcript .log .entry').dataset.seq)"
ROWS_BELOW_ALL = "() => Number([...document.querySelectorAll('#transcript .log .entry')].at(-1).dataset.seq)"


def watch_rows(page: Page) -> None:
    """Note from now on the most rows in the document at once, and how often one is missing among them."""
    page.evaluate("""() => {
        window.most = 0;
        window.gaps = 0;
        const log = document.querySelector("#transcript .log");
        new MutationObserver(() => {
            const seqs = [...log.querySelectorAll(".entry")].map((entry) => Number(entry.dataset.seq));
            window.most = Math.max(window.most, seqs.length);
            window.gaps += seqs.filter((seq, index) => index && seq !== seqs[index - 1] + 1).length;
        }).observe(log, { childList: true });
    }""")


def scroll_until(page: Page, to: str, condition: str) -> None:
    page.evaluate(f"""() => new Promise((done) => {{
        const view = document.querySelector("#transcript");
        const step = () => {{
            if ({condition}) return done();
            view.scrollTop = {to};
            requestAnimationFrame(step);
        }};
        step();
    }})""")


def jumps_of(page: Page) -> list[int]:
    """Scroll up for 60 steps and down for 60, and say at which of them something else than that moved a message."""
    jumps: list[int] = page.evaluate("""() => new Promise((done) => {
        const view = document.querySelector("#transcript");
        const jumps = [];
        let steps = 0;
        const seen = () => [...view.querySelectorAll(".message-body")]
            .map((words) => [words, words.getBoundingClientRect().y])
            .filter(([, y]) => y > 100 && y < 600);
        const step = () => {
            if ((steps += 1) > 120) return done(jumps);
            const before = seen();
            // Up for a while, then down: what is drawn changes at both ends.
            const below = view.scrollHeight - view.clientHeight - view.scrollTop;
            // At an end, where the next rows have not come yet, it goes only so far.
            const by = steps < 60 ? Math.min(400, view.scrollTop) : -Math.min(400, below);
            view.scrollTop -= by;
            requestAnimationFrame(() => requestAnimationFrame(() => {
                for (const [words, y] of before) {
                    if (!words.isConnected || Math.abs(words.getBoundingClientRect().y - y - by) > 4) jumps.push(steps);
                }
                step();
            }));
        };
        step();
    })""")
    return jumps
