const BYTES = 16;

/** A random id of 32 hexadecimal digits. (crypto.randomUUID is missing on http://<address in the local network>.) */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
