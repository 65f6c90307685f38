// The user's rooms with what is unread in each, the newest message first, as the server's events change them.

/**
 * `mentions` of a room are its unread messages that call the user by name; their sum is what a socket's welcome tells.
 * Fires `change` when something is to be shown differently, and `stale` when the list has to be asked for.
 */
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

  /** What is unread and for the user themselves, but for the room `id`: in direct rooms all, elsewhere what calls them by name. */
  forOneselfOutside(id) {
    const counted = this.#rooms.filter((room) => room.id !== id && !room.muted);
    return counted.reduce((sum, { kind, unread, mentions }) => sum + (kind === "direct" ? unread : mentions), 0);
  }

  /** Take over an answer. It may be older than an event that came before it: counts never fall. */
  replace(rooms) {
    const before = new Map(this.#rooms.map((room) => [room.id, room]));
    this.#rooms = rooms.map((room) => {
      const fresh = withCounts(room);
      const { messageCount = 0, readCount = 0, mentions } = before.get(room.id) ?? {};
      const isOvertaken = messageCount > fresh.messageCount || readCount > fresh.readCount;
      return changed(fresh, {
        mentions: isOvertaken ? mentions : fresh.mentions,
        messageCount: Math.max(messageCount, fresh.messageCount),
        readCount: Math.max(readCount, fresh.readCount),
      });
    });
    this.dispatchEvent(new Event("change"));
  }

  /** Apply the server's event `unread`, `read` or `rooms`. */
  apply({ type, ...event }) {
    if (type === "unread") this.#setMessageCount(event.room, event);
    else if (type === "read") this.#raiseReadCount(event.room, event);
    else if (type === "rooms") this.dispatchEvent(new Event("stale"));
  }

  #setMessageCount(id, { talk_count: messageCount, mentions }) {
    const room = this.#rooms.find((one) => one.id === id);
    // A direct room that was put away comes back with a new message.
    if (!room) return this.dispatchEvent(new Event("stale"));
    if (messageCount <= room.messageCount) return;
    this.#moveToFront(id);
    this.#update(id, (before) => ({ messageCount, mentions: mentions ?? before.mentions }));
  }

  #raiseReadCount(id, { read_talk: count, mentions }) {
    this.#update(id, (room) => (count < room.readCount ? {} : { readCount: count, mentions: mentions ?? room.mentions }));
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
  return { mentions: 0, ...room, messageCount: room.talk_count, readCount: room.talk_count - room.unread };
}

function changed(room, change) {
  const next = { ...room, ...change };
  return { ...next, unread: Math.max(next.messageCount - next.readCount, 0) };
}
