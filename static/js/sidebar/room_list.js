// This person's rooms with what is unread in each, the newest talk first, as the server's events change them.

/** Fires `change` when something shows differently, and `stale` when only the server knows what there is now. */
export class RoomList extends EventTarget {
  #rooms;

  /** `rooms` as `GET /api/rooms?scope=mine` has them. */
  constructor(rooms = []) {
    super();
    this.#rooms = rooms.map(known);
  }

  get rooms() {
    return this.#rooms;
  }

  /** What is unread in all rooms that call this person, but for the one that they are in. */
  unreadBut(here = null) {
    const calling = this.#rooms.filter(({ id, muted }) => id !== here && !muted);
    return calling.reduce((sum, { unread }) => sum + unread, 0);
  }

  /** An answer may be older than an event that overtook it: numbers never go back. */
  replace(rooms) {
    const before = new Map(this.#rooms.map((room) => [room.id, room]));
    this.#rooms = rooms.map((room) => {
      const fresh = known(room);
      const { talk = 0, read = 0 } = before.get(room.id) ?? {};
      return counted(fresh, { talk: Math.max(talk, fresh.talk), read: Math.max(read, fresh.read) });
    });
    this.dispatchEvent(new Event("change"));
  }

  hear({ type, ...event }) {
    if (type === "unread") this.#talked(event.room, event.talk_count);
    else if (type === "read") this.#update(event.room, ({ read }) => ({ read: Math.max(read, event.read_talk) }));
    else if (type === "rooms") this.dispatchEvent(new Event("stale"));
  }

  /** There was talk in the room that one is in: it is the newest. */
  touch(id) {
    if (this.#rooms[0]?.id === id) return;
    this.#raise(id);
    this.dispatchEvent(new Event("change"));
  }

  #talked(id, count) {
    const room = this.#rooms.find((one) => one.id === id);
    // A private talk that was put away comes back with new words.
    if (!room) return this.dispatchEvent(new Event("stale"));
    if (count <= room.talk) return;
    this.#raise(id);
    this.#update(id, () => ({ talk: count }));
  }

  #raise(id) {
    const index = this.#rooms.findIndex((room) => room.id === id);
    if (index > 0) this.#rooms = [this.#rooms[index], ...this.#rooms.filter((room) => room.id !== id)];
  }

  #update(id, change) {
    this.#rooms = this.#rooms.map((room) => (room.id === id ? counted(room, change(room)) : room));
    this.dispatchEvent(new Event("change"));
  }
}

function known(room) {
  return { ...room, talk: room.talk_count, read: room.talk_count - room.unread };
}

function counted(room, change) {
  const next = { ...room, ...change };
  return { ...next, unread: Math.max(next.talk - next.read, 0) };
}
