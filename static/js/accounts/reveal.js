// A button beside each password that shows it, so that typing it once is enough.

function addReveal(field) {
  const frame = document.createElement("div");
  frame.className = "with-reveal";
  field.replaceWith(frame);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  button.setAttribute("aria-controls", field.id);
  frame.append(field, button);

  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.textContent = shown ? field.dataset.conceal : field.dataset.reveal;
    const label = document.querySelector(`label[for="${field.id}"]`);
    button.setAttribute("aria-label", `${button.textContent}: ${label ? label.textContent.replace("*", "").trim() : ""}`);
  };
  show(false);
  button.addEventListener("click", () => show(field.type === "password"));
  // Browsers offer to save, and managers to fill, password fields only.
  field.form.addEventListener("submit", () => show(false));
}

for (const field of document.querySelectorAll("input[type=password][data-reveal]")) addReveal(field);
