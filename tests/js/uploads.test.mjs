import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../static/js/lib/api.js";

// What a browser has and Node has not: the module listens for the page's end, and asks for locks, which may be missing.
globalThis.addEventListener ??= () => {};
Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
const { UploadStore } = await import("../../static/js/uploads/upload_store.js");
const { Uploads } = await import("../../static/js/uploads/uploads.js");

const fileOf = (name, size = 3) => new File([new Uint8Array(size)], name, { lastModified: 1 });

/** The browser's database in memory. */
class MemoryDatabase {
  facts = new Map();
  files = new Map();
  keepsFiles = true;

  async get(store, key) {
    return this[store].get(key);
  }

  async getAll(store, prefix) {
    return [...this[store]].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);
  }

  async put(store, key, value) {
    if (store === "files" && !this.keepsFiles) return null;
    this[store].set(key, value);
    return key;
  }

  async remove(store, key) {
    this[store].delete(key);
  }
}

/** Uploads to a server that takes a chunk when the test says so. */
function uploadsOf(database = new MemoryDatabase(), refusals = {}) {
  const delivered = [];
  const removed = [];
  const gates = new Map();
  const api = {
    create: async ({ name }) => {
      if (refusals[name]) throw refusals[name];
      return { id: name, offset: 0, chunk: 100 };
    },
    status: async () => ({ offset: 0, chunk: 100 }),
    send: (id, offset, piece) => new Promise((resolve) => gates.set(id, () => resolve(offset + piece.size))),
    finish: async (id) => ({ id, name: id }),
    remove: async (id) => removed.push(id),
  };
  const uploads = new Uploads({
    store: new UploadStore("alice:room", database),
    apiFor: async () => api,
    deliver: (entry, attachment) => delivered.push([attachment.name, entry.caption, entry.to, entry.client_id]),
  });
  const states = () => uploads.entries.map(({ name, state }) => `${name}: ${state}`);
  return { uploads, database, delivered, removed, states, let: async (id) => (gates.get(id)(), await passed()), gates };
}

async function passed() {
  for (let i = 0; i < 10; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

test("what is sent together goes in its order, the caption with the first; what is sent later need not wait", async () => {
  const { uploads, delivered, states, ...ways } = uploadsOf();
  uploads.add({ files: [fileOf("one"), fileOf("two")], caption: "Look", to: null });
  uploads.add({ files: [fileOf("three")], caption: "", to: null });
  await passed();
  assert.deepEqual(states(), ["one: moving", "two: queued", "three: moving"]);
  await ways.let("three");
  await ways.let("one");
  await ways.let("two");
  assert.deepEqual(delivered.map(([name, caption]) => [name, caption]), [["three", ""], ["one", "Look"], ["two", ""]]);
  assert.deepEqual(states(), []);
  assert.equal(ways.database.facts.size, 0);
});

test("a file that is refused says why, lets the next one go, and can be tried again", async () => {
  const refusals = { one: new ApiError({ status: 413, code: "quota_exceeded", detail: "You have sent too much." }) };
  const { uploads, states, ...ways } = uploadsOf(new MemoryDatabase(), refusals);
  uploads.add({ files: [fileOf("one"), fileOf("two")], caption: "", to: null });
  await passed();
  assert.deepEqual(states(), ["one: failed", "two: moving"]);
  assert.equal(uploads.entries[0].detail, "You have sent too much.");
  delete refusals.one;
  uploads.retry(uploads.entries[0].client_id);
  assert.deepEqual(states(), ["one: queued", "two: moving"]);
  await ways.let("two");
  assert.deepEqual(states(), ["one: moving"]);
});

test("what is cancelled is deleted from the server and from the browser too", async () => {
  const { uploads, removed, states, database, delivered, ...ways } = uploadsOf();
  uploads.add({ files: [fileOf("one")], caption: "", to: null });
  await passed();
  uploads.cancel(uploads.entries[0].client_id);
  await ways.let("one");
  assert.deepEqual([states(), removed, delivered, database.facts.size, database.files.size], [[], ["one"], [], 0, 0]);
});

test("what an earlier page began goes on under the same name, to the same user", async () => {
  const first = uploadsOf();
  first.uploads.add({ files: [fileOf("one")], caption: "Look", to: { id: "b2" } });
  await passed();
  const [{ client_id: id }] = first.uploads.entries;
  const again = uploadsOf(first.database);
  await again.uploads.restore();
  await passed();
  assert.equal(again.uploads.entries[0].upload, "one");
  await again.let("one");
  assert.deepEqual(again.delivered, [["one", "Look", { id: "b2" }, id]]);
});

test("a file that the browser could not keep is asked for again, and only the same one will do", async () => {
  const database = new MemoryDatabase();
  database.keepsFiles = false;
  const first = uploadsOf(database);
  first.uploads.add({ files: [fileOf("one")], caption: "", to: null });
  await passed();
  const again = uploadsOf(database);
  await again.uploads.restore();
  await passed();
  const [{ client_id: id }] = again.uploads.entries;
  assert.deepEqual(again.states(), ["one: missing"]);
  assert.equal(again.uploads.chooseAgain(id, fileOf("one", 4)), false);
  assert.equal(again.uploads.chooseAgain(id, fileOf("one")), true);
  await passed();
  assert.deepEqual(again.states(), ["one: moving"]);
  assert.equal(again.uploads.entries[0].upload, "one");
});

test("what was left behind long ago is offered, not sent; what is older still is forgotten", async () => {
  const database = new MemoryDatabase();
  const hours = (count) => Date.now() - count * 60 * 60 * 1000;
  const facts = { caption: "", to: null, batch: "b", name: "one", size: 3, type: "", modified: 1, upload: null };
  await database.put("facts", "alice:room:1", { ...facts, client_id: "1", at: hours(13) });
  await database.put("facts", "alice:room:2", { ...facts, client_id: "2", at: hours(24 * 8) });
  await database.put("files", "alice:room:1", fileOf("one"));
  const { uploads, states } = uploadsOf(database);
  await uploads.restore();
  await passed();
  assert.deepEqual(states(), ["one: failed"]);
  assert.deepEqual([...database.facts.keys()], ["alice:room:1"]);
});
