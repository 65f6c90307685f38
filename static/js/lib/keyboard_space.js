// A phone's keyboard covers a part of the window. Chrome makes the page smaller (interactive-widget in base.html). Safari
// only tells of it, and pushes the page up, its head out of sight: so the page is made smaller here, where fingers point.

// With more, somebody has zoomed in, and sees less for that reason.
const NO_ZOOM = 1.01;

const { style } = document.documentElement;
const view = visualViewport;

view.addEventListener("resize", () => {
  const isCovered = view.scale < NO_ZOOM && innerHeight - view.height > 1;
  if (!isCovered) {
    style.removeProperty("--window");
    return;
  }
  style.setProperty("--window", `${view.height}px`);
  scrollTo(0, 0);
});
