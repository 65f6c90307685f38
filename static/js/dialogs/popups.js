// Menus that the server has written and browsers open themselves (`popovertarget`): arrow keys lead through one, and it
// closes when something in it is chosen, before that is done. So the focus is on its button again. It comes when one is about to open.

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

addEventListener("click", ({ target }) => target.closest?.("[popover] .popup-item")?.closest("[popover]").hidePopover(), { capture: true });
addEventListener("keydown", (event) => {
  const popup = STEPS[event.key] && document.querySelector(":popover-open");
  if (!popup) return;
  event.preventDefault();
  const items = [...popup.querySelectorAll(".popup-item")];
  const at = items.indexOf(document.activeElement);
  items.at(at < 0 && event.key === "ArrowUp" ? -1 : (at + STEPS[event.key]) % items.length).focus();
});
