// A part of a page. The head of its class declares what it needs, as a controller of Stimulus does:
//
//   static targets = ["newestButton"];   an element with data-target="newestButton", as this.newestButtonTarget
//   static needs = ["scroller", "user"]; what the page has under these names, as this.scroller and this.user
//
// A need is looked up when it is used, so two parts may need each other. The constructor itself may use only what was
// added to the page before (room/main.js has the order).
//
// This is ours and not Stimulus, which weighs 13 kB compressed: half of what all scripts of the room's page weigh.

export class Component extends EventTarget {
  static targets = [];
  static needs = [];

  #page;

  /** `page` has {targets} and all that the parts need, by name. */
  constructor(page) {
    super();
    this.#page = page;
    const { targets, needs } = this.constructor;
    for (const name of targets) this[`${name}Target`] = page.targets[name];
    for (const name of needs) Object.defineProperty(this, name, { get: () => page[name] });
  }

  /** Listen at the window or the document, as long as the room of this part is kept and while it is the one shown. */
  listen(target, name, listener, options = {}) {
    const { signal } = this.#page;
    target.addEventListener(name, (event) => this.#page.isShown === false || listener(event), { ...options, signal });
  }
}
