// Says while one types whether a username is free. The server decides, here and again on submit.

const PAUSE_MS = 350;

class NameCheck {
  #field;
  #hint = document.createElement("p");
  #timer;
  #asked;

  constructor(field) {
    this.#field = field;
    this.#hint.className = "name-hint";
    this.#hint.setAttribute("role", "status");
    this.#hint.setAttribute("aria-live", "polite");
    field.after(this.#hint);
    field.addEventListener("input", () => this.#wait());
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.#forgetRefusal();
    this.#say("");
    if (this.#field.value) this.#timer = setTimeout(() => this.#ask(this.#field.value), PAUSE_MS);
  }

  async #ask(name) {
    this.#asked = new AbortController();
    try {
      const address = `${this.#field.dataset.check}?${new URLSearchParams({ username: name })}`;
      const response = await fetch(address, { signal: this.#asked.signal });
      if (!response.ok) return;
      const { free, detail } = await response.json();
      this.#say(detail, free);
    } catch {
      // Superseded by the next letter, or no connection: the form itself is checked on submit.
    }
  }

  #say(words, free = true) {
    this.#hint.textContent = words;
    this.#hint.classList.toggle("is-free", free);
    this.#hint.classList.toggle("is-refused", !free);
    this.#field.classList.toggle("is-invalid", !free);
    this.#field.setAttribute("aria-invalid", String(!free));
  }

  // The server's refusal of the name that was submitted before.
  #forgetRefusal() {
    document.getElementById(`${this.#field.id}_error`)?.remove();
  }
}

const field = document.querySelector("input[data-check]");
if (field) new NameCheck(field);
