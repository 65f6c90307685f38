// JSON requests to our own server.

const TIMEOUT_MS = 20_000;
const NO_CONTENT = 204;

/** The server said no (`status`, `code`, its sentence), or nothing came (`status` 0). */
export class ApiError extends Error {
  constructor({ status, code, detail, retryAfterMs = null, answer = {} }) {
    super(detail);
    Object.assign(this, { status, code, retryAfterMs, answer });
  }

  /** The same request may succeed later: the network, a busy server, or too many requests at once. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** What a socket calls this refusal of a post. */
  get codeOfPost() {
    if (!this.isPassing || this.code === "read_only") return this.code;
    return this.status === 429 ? "too_fast" : "try_again";
  }
}

export function getJson(url, params = {}, options = {}) {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== null));
  return request(`${url}?${query}`, options);
}

export function postJson(url, body, options = {}) {
  return send("POST", url, body, options);
}

export function patchJson(url, body, options = {}) {
  return send("PATCH", url, body, options);
}

/** PUT and DELETE, which say all by their address. */
export function putAt(url) {
  return send("PUT", url, {});
}

export function deleteAt(url) {
  return send("DELETE", url, {});
}

/** Send a file itself. */
export function putFile(url, file, options = {}) {
  const headers = { "Content-Type": file.type, "X-CSRFToken": csrfToken() };
  return request(url, { ...options, method: "PUT", headers, body: file });
}

function send(method, url, body, options = {}) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  return request(url, { ...options, method, headers, body: JSON.stringify(body) });
}

async function request(url, { timeoutMs = TIMEOUT_MS, headers = {}, ...options }) {
  let response;
  let answer;
  try {
    response = await fetch(url, {
      ...options,
      headers: { Accept: "application/json", ...headers },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(timeoutMs),
    });
    answer = response.status === NO_CONTENT ? null : await response.json();
  } catch {
    // Nothing came, or a page of a proxy came instead of our JSON.
    throw new ApiError({ status: response?.ok === false ? response.status : 0, code: "", detail: "" });
  }
  if (response.ok) return answer;
  throw new ApiError({
    status: response.status,
    code: answer.code ?? "",
    detail: answer.detail ?? "",
    retryAfterMs: seconds(response.headers.get("Retry-After") ?? answer.retry_after),
    answer,
  });
}

function seconds(header) {
  const count = Number.parseInt(header ?? "", 10);
  return Number.isNaN(count) ? null : count * 1000;
}

/** What shows our server that a request is this page’s own. */
export function csrfToken() {
  // An encrypted site's cookie has the longer name; one of the other name may be a neighbour's.
  const cookies = new Map(document.cookie.split(/;\s*/).map((cookie) => cookie.split("=", 2)));
  return cookies.get("__Host-csrftoken") ?? cookies.get("csrftoken") ?? "";
}
