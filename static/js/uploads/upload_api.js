// The requests of an upload (docs/protocol.md, "Files"). Bytes go by XMLHttpRequest, because fetch reports no progress.

import { ApiError, csrfToken, deleteAt, getJson, postJson } from "../lib/api.js";

// A connection over which nothing moves for this long is dead. The server's answer to a chunk may take as long.
const STALL_MS = 45_000;
// At the end the server reads the whole file once more, and makes a thumbnail of a picture.
const FINISH_MS = 180_000;
const NO_CONTENT = 204;

/** Each method promises the answer; a refusal, or no answer, rejects with an `ApiError`. */
export class UploadApi {
  #url;

  /** `url` is the address of a room's files. */
  constructor(url) {
    this.#url = url;
  }

  create({ name, size, type }) {
    return postJson(this.#url, { name, size, type });
  }

  /** Promise {offset, chunk}: how many bytes the server has, and how many it takes at once at most. */
  status(id) {
    return getJson(`${this.#url}/${id}`);
  }

  finish(id) {
    return postJson(`${this.#url}/${id}/finish`, {}, { timeoutMs: FINISH_MS });
  }

  remove(id) {
    return deleteAt(`${this.#url}/${id}`);
  }

  /** Send `piece`, which begins at `offset`; promise the offset after it. `onSent(bytes)` reports what is sent of it. */
  send(id, offset, piece, { signal, onSent }) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let timer = null;
      const stillAlive = () => {
        clearTimeout(timer);
        timer = setTimeout(() => request.abort(), STALL_MS);
      };
      const stop = () => request.abort();
      request.open("PATCH", `${this.#url}/${id}`);
      request.setRequestHeader("Content-Type", "application/offset+octet-stream");
      request.setRequestHeader("Upload-Offset", offset);
      request.setRequestHeader("X-CSRFToken", csrfToken());
      request.setRequestHeader("Accept", "application/json");
      request.upload.onprogress = ({ loaded }) => {
        stillAlive();
        onSent(loaded);
      };
      request.onloadend = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        if (request.status === NO_CONTENT) resolve(Number(request.getResponseHeader("Upload-Offset")));
        else reject(refusal(request));
      };
      signal.addEventListener("abort", stop);
      stillAlive();
      request.send(piece);
    });
  }
}

function refusal(request) {
  let answer = {};
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    // Nothing came, or the HTML page of a proxy.
  }
  const { code = "", detail = "", retry_after: seconds } = answer;
  return new ApiError({ status: request.status, code, detail, retryAfterMs: seconds ? seconds * 1000 : null, answer });
}
