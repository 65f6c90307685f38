// Small drawings for what can be done about a message: lines on a field of 24 by 24.

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  link: "M10 14a4 4 0 0 0 5.700 0l3.300-3.300a4 4 0 0 0-5.700-5.700L12 6.300M14 10a4 4 0 0 0-5.700 0L5 13.300a4 4 0 0 0 5.700 5.700l1.300-1.300",
  privately: "M4 5h16v11H9l-5 4zM8.500 9h7m-7 3h4",
  here: "M4 20h4L19.500 8.500a2.800 2.800 0 0 0-4-4L4 16z",
  block: "M5.600 5.600l12.800 12.800M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18",
  member: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4 21c.500-4 3.500-6 8-6s7.500 2 8 6",
  report: "M6 21V4h12l-3 4.500 3 4.500H6",
  pin: "M9 4h6l-1 6 3 3H7l3-3zm3 9v7",
};

/** The drawing `name`, for the eyes alone. */
export function drawIcon(name) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS(SVG, tag));
  const look = { d: PATHS[name], fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round" };
  for (const [key, value] of Object.entries(look)) path.setAttribute(key, value);
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", width: 18, height: 18, "aria-hidden": "true" })) svg.setAttribute(key, value);
  svg.append(path);
  return svg;
}
