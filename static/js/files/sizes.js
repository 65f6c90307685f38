// Sizes, speeds and remaining times in the page's language.

import { number } from "../lib/strings.js";

const STEP = 1024;
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;

/** "0 bytes", "3.4 MB": of 1,024 each, as the server says them (chatsite/files/sizes.py). */
export function sizeOf(bytes) {
  const { value, unit } = scaled(bytes);
  const isBytes = unit === "byte";
  const digits = { maximumFractionDigits: isBytes ? 0 : 1, useGrouping: false };
  return number(value, { style: "unit", unit, unitDisplay: isBytes ? "long" : "short", ...digits });
}

/** "1.2 MB/s" */
export function speedOf(bytesPerSecond) {
  const { value, unit } = scaled(Math.max(bytesPerSecond, STEP));
  return number(value, { style: "unit", unit: `${unit}-per-second`, maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** "40 sec", "3 min", "2 hr": one unit, because it is an estimate. */
export function remainingTime(seconds) {
  if (seconds < MINUTE_S) return inUnits(seconds, "second");
  return seconds < HOUR_S ? inUnits(seconds / MINUTE_S, "minute") : inUnits(seconds / HOUR_S, "hour");
}

function inUnits(value, unit) {
  return number(Math.max(Math.ceil(value), 1), { style: "unit", unit });
}

function scaled(bytes) {
  let value = bytes;
  let power = 0;
  for (; value >= STEP && power < UNITS.length - 1; power += 1) value /= STEP;
  return { value, unit: UNITS[power] };
}
