// The side panel with people and deeds: a column on a wide screen, on a phone it comes over the talk.

const WIDE = matchMedia("(min-width: 60rem)");

export class Panel {
  #panel;
  #button;
  #behind;

  /** `behind` is what the panel covers on a phone. */
  constructor({ panel, button, close, behind }) {
    this.#panel = panel;
    this.#button = button;
    this.#behind = behind;
    button.addEventListener("click", () => this.#show(!this.#isShown));
    close.addEventListener("click", () => this.#show(false));
    panel.addEventListener("keydown", ({ key }) => key === "Escape" && this.#show(false));
    WIDE.addEventListener("change", () => this.#show(false));
  }

  get #isShown() {
    return this.#panel.classList.contains("is-shown");
  }

  #show(isShown) {
    if (isShown === this.#isShown) return;
    this.#panel.classList.toggle("is-shown", isShown);
    this.#button.setAttribute("aria-expanded", String(isShown));
    this.#behind.inert = isShown;
    if (isShown) this.#panel.focus();
    else if (!WIDE.matches) this.#button.focus();
  }
}

/** Buttons with data-opens="<id>" open that dialog; its [data-closes] buttons close it. */
export function wireDialogs() {
  for (const opener of document.querySelectorAll("[data-opens]")) {
    const dialog = document.getElementById(opener.dataset.opens);
    opener.addEventListener("click", () => dialog.showModal());
    for (const closer of dialog.querySelectorAll("[data-closes]")) {
      closer.addEventListener("click", () => dialog.close());
    }
  }
}
