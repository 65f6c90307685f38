// The user's rooms with what is unread in each, the newest message first, as the server's events change them.

/** Fires `change` when something is to be shown differently, and `stale` when the list has to be asked for. */
export class RoomList extends EventTarget {
  #rooms;

  /** `rooms` are as `GET /api/rooms?scope=mine` has them. */
  constructor(rooms = []) {
    super();
    this.#rooms = rooms.map(withCounts);
  }

  get rooms() {
    return this.#rooms;
  }

  /** What is unread in all rooms that are not muted, except the room `id`. */
  unreadOutside(id = null) {
    const counted = this.#rooms.filter((room) => room.id !== id && !room.muted);
    return counted.reduce((sum, { unread }) => sum + unread, 0);
  }

  /** Take over an answer. It may be older than an event that came before it: counts never fall. */
  replace(rooms) {
    const before = new Map(this.#rooms.map((room) => [room.id, room]));
    this.#rooms = rooms.map((room) => {
      const fresh = withCounts(room);
      const { messageCount = 0, readCount = 0 } = before.get(room.id) ?? {};
      return changed(fresh, {
        messageCount: Math.max(messageCount, fresh.messageCount),
        readCount: Math.max(readCount, fresh.readCount),
      });
    });
    this.dispatchEvent(new Event("change"));
  }

  /** Apply the server's event `unread`, `read` or `rooms`. */
  apply({ type, ...event }) {
    if (type === "unread") this.#setMessageCount(event.room, event.talk_count);
    else if (type === "read") this.#raiseReadCount(event.room, event.read_talk);
    else if (type === "rooms") this.dispatchEvent(new Event("stale"));
  }

  /** Make a room the first one. */
  raise(id) {
    if (this.#rooms[0]?.id === id) return;
    this.#moveToFront(id);
    this.dispatchEvent(new Event("change"));
  }

  #setMessageCount(id, messageCount) {
    const room = this.#rooms.find((one) => one.id === id);
    // A direct room that was put away comes back with a new message.
    if (!room) return this.dispatchEvent(new Event("stale"));
    if (messageCount <= room.messageCount) return;
    this.#moveToFront(id);
    this.#update(id, () => ({ messageCount }));
  }

  #raiseReadCount(id, count) {
    this.#update(id, ({ readCount }) => ({ readCount: Math.max(readCount, count) }));
  }

  #moveToFront(id) {
    const index = this.#rooms.findIndex((room) => room.id === id);
    if (index > 0) this.#rooms = [this.#rooms[index], ...this.#rooms.filter((room) => room.id !== id)];
  }

  #update(id, change) {
    this.#rooms = this.#rooms.map((room) => (room.id === id ? changed(room, change(room)) : room));
    this.dispatchEvent(new Event("change"));
  }
}

function withCounts(room) {
  return { ...room, messageCount: room.talk_count, readCount: room.talk_count - room.unread };
}

function changed(room, change) {
  const next = { ...room, ...change };
  return { ...next, unread: Math.max(next.messageCount - next.readCount, 0) };
}
