import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { ApiError } from "../../static/js/lib/api.js";
import { FileGone, Upload } from "../../static/js/uploads/upload.js";
import { settled } from "./cast.mjs";

const MB = 1024 * 1024;
const lost = () => new ApiError({ status: 0, code: "", detail: "" });
const refused = (status, code, answer = {}) => new ApiError({ status, code, detail: `no: ${code}`, answer });

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

/** A server that has what it was sent, and does first what `mishaps` say: an error to throw, for each request in turn. */
class FakeApi {
  bytes = null;
  pieces = [];
  asked = [];
  mishaps = [];
  removed = [];

  #ask(name) {
    this.asked.push(name);
    const mishap = this.mishaps.shift();
    if (mishap) throw mishap;
  }

  async create({ size }) {
    this.#ask("create");
    this.bytes = 0;
    this.size = size;
    return { id: `u${this.asked.filter((name) => name === "create").length}`, offset: 0, chunk: 4 * MB };
  }

  async status() {
    this.#ask("status");
    if (this.bytes === null) throw refused(404, "no_such_file");
    return { offset: this.bytes, chunk: 4 * MB };
  }

  async send(id, offset, piece, { onSent }) {
    onSent(piece.size / 2);
    this.#ask("send");
    if (offset !== this.bytes) throw refused(409, "wrong_offset", { offset: this.bytes });
    this.bytes += piece.size;
    this.pieces.push(piece.size);
    return this.bytes;
  }

  async finish() {
    this.#ask("finish");
    return { id: "f1", size: this.bytes };
  }

  async remove(id) {
    this.removed.push(id);
  }
}

function uploading({ size = 10 * MB, known = null, api = new FakeApi(), file = new File([new Uint8Array(size)], "a.bin") } = {}) {
  const told = [];
  const controller = new AbortController();
  const upload = new Upload({ file, known, api: async () => api, tell: (news) => told.push(news), signal: controller.signal });
  return { api, told, controller, upload };
}

/** Turn the clock until the promise has come to something. */
async function done(promise) {
  let isOver = false;
  promise.then(() => (isOver = true), () => (isOver = true));
  for (let turns = 0; !isOver && turns < 200; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await settled();
    mock.timers.tick(20_000);
  }
  return promise;
}

test("a file travels in pieces that grow to the server's chunk, and is finished", async () => {
  const { api, told, upload } = uploading({ size: 16 * MB });
  assert.deepEqual(await done(upload.run()), { id: "f1", size: 16 * MB });
  assert.deepEqual(api.pieces, [1, 2, 4, 4, 4, 1].map((count) => count * MB));
  assert.equal(told.findLast(({ sent }) => sent).sent, 16 * MB);
});

test("a file without a byte is begun and finished", async () => {
  const { api, upload } = uploading({ size: 0 });
  await done(upload.run());
  assert.deepEqual(api.asked, ["create", "finish"]);
});

test("after a lost line it goes on from where the server stands, in smaller pieces", async () => {
  const { api, told, upload } = uploading({ size: 4 * MB });
  api.mishaps = [null, null, lost(), lost()];
  await done(upload.run());
  assert.deepEqual(api.asked.slice(0, 6), ["create", "send", "send", "status", "status", "send"]);
  assert.equal(api.pieces.reduce((sum, size) => sum + size), 4 * MB);
  assert.ok(api.pieces[1] < 2 * MB);
  assert.ok(told.some(({ isWaiting }) => isWaiting));
});

test("what an earlier page sent is not sent again", async () => {
  const api = new FakeApi();
  api.bytes = 3 * MB;
  const { upload } = uploading({ size: 4 * MB, known: "u0", api });
  await done(upload.run());
  assert.deepEqual(api.asked, ["status", "send", "finish"]);
  assert.deepEqual(api.pieces, [MB]);
});

test("what the server has swept is begun anew", async () => {
  const { api, told, upload } = uploading({ size: MB, known: "swept" });
  await done(upload.run());
  assert.deepEqual(api.asked, ["status", "create", "send", "finish"]);
  assert.deepEqual(told[0], { id: null, sent: 0 });
});

test("pieces grow no smaller than the server takes", async () => {
  const { api, upload } = uploading({ size: 2 * MB });
  api.mishaps = [null, null, ...Array.from({ length: 12 }, (_, turn) => (turn % 2 ? null : lost()))];
  await done(upload.run());
  assert.equal(api.pieces.reduce((sum, size) => sum + size), 2 * MB);
  assert.ok(api.pieces.slice(0, -1).every((size) => size >= 256 * 1024));
});

test("who has too many on their way waits until there is room for one more", async () => {
  const { api, told, upload } = uploading({ size: MB });
  api.mishaps = [refused(429, "too_many_uploads"), refused(429, "too_many_uploads")];
  await done(upload.run());
  assert.deepEqual(api.asked, ["create", "create", "create", "send", "finish"]);
  assert.deepEqual(api.pieces, [MB]);
  assert.ok(told.some(({ isWaiting, detail }) => isWaiting && detail === "no: too_many_uploads"));
});

test("a picture for which the server has no time yet is finished later", async () => {
  const { api, told, upload } = uploading({ size: MB });
  api.mishaps = [null, null, refused(503, "pictures_busy"), null, refused(503, "pictures_busy")];
  assert.deepEqual(await done(upload.run()), { id: "f1", size: MB });
  assert.deepEqual(api.asked, ["create", "send", "finish", "status", "finish", "status", "finish"]);
  assert.ok(told.some(({ isWaiting, detail }) => isWaiting && detail === "no: pictures_busy"));
});

test("what the server let go in the middle is begun anew", async () => {
  const { api, upload } = uploading({ size: 4 * MB });
  api.mishaps = [null, null, lost(), refused(404, "no_such_file")];
  assert.deepEqual(await done(upload.run()), { id: "f1", size: 4 * MB });
  assert.deepEqual(api.asked.slice(0, 5), ["create", "send", "send", "status", "create"]);
});

test("a no that waiting would not change ends it", async () => {
  for (const refusal of [refused(413, "file_too_large"), refused(403, "removed"), refused(507, "site_full")]) {
    const { api, upload } = uploading();
    api.mishaps = [refusal];
    await assert.rejects(done(upload.run()), refusal);
  }
});

test("a finish that gets no answer is asked for again", async () => {
  const { api, upload } = uploading({ size: MB });
  api.mishaps = [null, null, lost(), null, refused(503, "try_again")];
  await done(upload.run());
  assert.deepEqual(api.asked, ["create", "send", "finish", "status", "finish", "status", "finish"]);
});

test("a file that cannot be read any more is not a lost line", async () => {
  const { api, upload } = uploading({ file: { name: "a", size: 5, type: "", slice: () => ({ size: 5, arrayBuffer: () => Promise.reject(new Error()) }) } });
  api.mishaps = [null, lost()];
  await assert.rejects(done(upload.run()), FileGone);
});

test("who takes it back while the server makes room for it leaves nothing there", async () => {
  const { api, controller, upload } = uploading();
  const running = upload.run();
  controller.abort();
  await assert.rejects(done(running), { name: "AbortError" });
  assert.deepEqual(api.removed, ["u1"]);
});
