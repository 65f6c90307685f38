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
class FakeWire {
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

  async where() {
    this.#ask("where");
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

function uploading({ size = 10 * MB, known = null, wire = new FakeWire(), file = new File([new Uint8Array(size)], "a.bin") } = {}) {
  const told = [];
  const controller = new AbortController();
  const upload = new Upload({ file, known, wire: async () => wire, tell: (news) => told.push(news), signal: controller.signal });
  return { wire, told, controller, upload };
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
  const { wire, told, upload } = uploading({ size: 16 * MB });
  assert.deepEqual(await done(upload.run()), { id: "f1", size: 16 * MB });
  assert.deepEqual(wire.pieces, [1, 2, 4, 4, 4, 1].map((count) => count * MB));
  assert.equal(told.findLast(({ sent }) => sent).sent, 16 * MB);
});

test("a file without a byte is begun and finished", async () => {
  const { wire, upload } = uploading({ size: 0 });
  await done(upload.run());
  assert.deepEqual(wire.asked, ["create", "finish"]);
});

test("after a lost line it goes on from where the server stands, in smaller pieces", async () => {
  const { wire, told, upload } = uploading({ size: 4 * MB });
  wire.mishaps = [null, null, lost(), lost()];
  await done(upload.run());
  assert.deepEqual(wire.asked.slice(0, 6), ["create", "send", "send", "where", "where", "send"]);
  assert.equal(wire.pieces.reduce((sum, size) => sum + size), 4 * MB);
  assert.ok(wire.pieces[1] < 2 * MB);
  assert.ok(told.some(({ isWaiting }) => isWaiting));
});

test("what an earlier page sent is not sent again", async () => {
  const wire = new FakeWire();
  wire.bytes = 3 * MB;
  const { upload } = uploading({ size: 4 * MB, known: "u0", wire });
  await done(upload.run());
  assert.deepEqual(wire.asked, ["where", "send", "finish"]);
  assert.deepEqual(wire.pieces, [MB]);
});

test("what the server has swept is begun anew", async () => {
  const { wire, told, upload } = uploading({ size: MB, known: "swept" });
  await done(upload.run());
  assert.deepEqual(wire.asked, ["where", "create", "send", "finish"]);
  assert.deepEqual(told[0], { id: null, sent: 0 });
});

test("pieces grow no smaller than the server takes", async () => {
  const { wire, upload } = uploading({ size: 2 * MB });
  wire.mishaps = [null, null, ...Array.from({ length: 12 }, (_, turn) => (turn % 2 ? null : lost()))];
  await done(upload.run());
  assert.equal(wire.pieces.reduce((sum, size) => sum + size), 2 * MB);
  assert.ok(wire.pieces.slice(0, -1).every((size) => size >= 256 * 1024));
});

test("who has too many on their way waits until there is room for one more", async () => {
  const { wire, told, upload } = uploading({ size: MB });
  wire.mishaps = [refused(429, "too_many_uploads"), refused(429, "too_many_uploads")];
  await done(upload.run());
  assert.deepEqual(wire.asked, ["create", "create", "create", "send", "finish"]);
  assert.deepEqual(wire.pieces, [MB]);
  assert.ok(told.some(({ isWaiting, detail }) => isWaiting && detail === "no: too_many_uploads"));
});

test("a picture for which the server has no time yet is finished later", async () => {
  const { wire, told, upload } = uploading({ size: MB });
  wire.mishaps = [null, null, refused(503, "pictures_busy"), null, refused(503, "pictures_busy")];
  assert.deepEqual(await done(upload.run()), { id: "f1", size: MB });
  assert.deepEqual(wire.asked, ["create", "send", "finish", "where", "finish", "where", "finish"]);
  assert.ok(told.some(({ isWaiting, detail }) => isWaiting && detail === "no: pictures_busy"));
});

test("what the server let go in the middle is begun anew", async () => {
  const { wire, upload } = uploading({ size: 4 * MB });
  wire.mishaps = [null, null, lost(), refused(404, "no_such_file")];
  assert.deepEqual(await done(upload.run()), { id: "f1", size: 4 * MB });
  assert.deepEqual(wire.asked.slice(0, 5), ["create", "send", "send", "where", "create"]);
});

test("a no that waiting would not change ends it", async () => {
  for (const refusal of [refused(413, "file_too_large"), refused(403, "removed"), refused(507, "site_full")]) {
    const { wire, upload } = uploading();
    wire.mishaps = [refusal];
    await assert.rejects(done(upload.run()), refusal);
  }
});

test("a finish that gets no answer is asked for again", async () => {
  const { wire, upload } = uploading({ size: MB });
  wire.mishaps = [null, null, lost(), null, refused(503, "try_again")];
  await done(upload.run());
  assert.deepEqual(wire.asked, ["create", "send", "finish", "where", "finish", "where", "finish"]);
});

test("a file that cannot be read any more is not a lost line", async () => {
  const { wire, upload } = uploading({ file: { name: "a", size: 5, type: "", slice: () => ({ size: 5, arrayBuffer: () => Promise.reject(new Error()) }) } });
  wire.mishaps = [null, lost()];
  await assert.rejects(done(upload.run()), FileGone);
});

test("who takes it back while the server makes room for it leaves nothing there", async () => {
  const { wire, controller, upload } = uploading();
  const running = upload.run();
  controller.abort();
  await assert.rejects(done(running), { name: "AbortError" });
  assert.deepEqual(wire.removed, ["u1"]);
});
