// A message on its way to the server, whatever the way: what is posted of it, and what a refusal is called.

// What a passing refusal by HTTP is called on a socket.
const CODE_OF_STATUS = { 429: "too_fast" };
const PASSING_CODES = new Set(["try_again", "read_only", "too_fast", "too_many_requests"]);

/** The body of a post: of an outbox entry, without what only this page needs. */
export function postOf({ client_id, body, attachment }) {
  return attachment ? { client_id, body, attachment: attachment.id } : { client_id, body };
}

/** An `ApiError` as the event `error` that a socket would bring; `retry_ms` is null where the server named no wait. */
export function refusalOf(clientId, error) {
  const isNamed = !error.isPassing || error.code === "read_only";
  const code = isNamed ? error.code : CODE_OF_STATUS[error.status] ?? "try_again";
  return { type: "error", client_id: clientId, code, detail: error.message, retry_ms: error.retryAfterMs };
}

/** The same post may succeed later. Any other refusal is about the message, and only its author can do something. */
export function isPassing(code) {
  return PASSING_CODES.has(code);
}
