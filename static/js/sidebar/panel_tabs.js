// The tabs of the panel, as the pattern of tabs has them: one is chosen by a click or by arrows, which go around.

const TAB = "tab";
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** Make `list` work and show the tab that `store` remembers; `changed()` is called when another one is chosen. */
export function connectTabs(list, store, changed) {
  const tabs = [...list.children];
  const isChosen = (tab) => tab.getAttribute("aria-selected") === "true";

  const choose = (tab) => {
    if (!tab || isChosen(tab)) return;
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = other !== tab;
    }
    store.set(TAB, tab.id);
    changed();
  };

  list.addEventListener("click", ({ target }) => choose(target.closest("[role=tab]")));
  list.addEventListener("keydown", (event) => {
    const step = (STEPS[event.key] ?? 0) * (getComputedStyle(list).direction === "rtl" ? -1 : 1);
    let next = null;
    if (step) next = tabs.at((tabs.findIndex(isChosen) + step) % tabs.length);
    else if (event.key === "Home") [next] = tabs;
    else if (event.key === "End") next = tabs.at(-1);
    else return;
    event.preventDefault();
    choose(next);
    next.focus();
  });
  choose(tabs.find(({ id }) => id === store.get(TAB)));
}
