// What stands at the sides, the rooms and the people: columns on a wide screen; on a narrow one they come over the talk.

export class Panel {
  #panel;
  #button;
  #behind;
  #wide;

  /** `behind` is what the panel covers on a phone; `wide`, a media query, is true where it stands beside the talk. */
  constructor({ panel, button, close, behind, wide }) {
    this.#panel = panel;
    this.#button = button;
    this.#behind = behind;
    this.#wide = matchMedia(wide);
    button.addEventListener("click", () => this.#show(!this.#isShown));
    close.addEventListener("click", () => this.#show(false));
    panel.addEventListener("keydown", ({ key }) => key === "Escape" && this.#show(false));
    this.#wide.addEventListener("change", () => this.#show(false));
  }

  /** Bring it up, or lead to it where it is always up. */
  open() {
    if (this.#wide.matches) this.#panel.focus();
    else this.#show(true);
  }

  close() {
    this.#show(false);
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
    else if (!this.#wide.matches) this.#button.focus();
  }
}

/** Buttons with data-opens="<id>" open that dialog; its [data-closes] buttons close it. */
export function wireDialogs() {
  for (const opener of document.querySelectorAll("[data-opens]")) {
    opener.addEventListener("click", () => document.getElementById(opener.dataset.opens).showModal());
  }
  for (const closer of document.querySelectorAll("dialog [data-closes]")) {
    closer.addEventListener("click", () => closer.closest("dialog").close());
  }
}
