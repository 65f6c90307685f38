/* A cheap load generator: one thread, epoll, no library. One core of it drives more than a server can.
 *
 *   load HOST PORT[,PORT…] HANDSHAKES SENDERS SECONDS RATE FORMAT
 *
 * HANDSHAKES is a file of requests, each ended by an empty line as HTTP has it: upgrades to WebSocket, and before them
 * perhaps POSTs without a length, which are senders over HTTP. They go to the ports in turn. The first SENDERS send.
 * RATE 0: each sends its next message when its last one has come back (over HTTP: is answered); otherwise so many a second
 * in all. FORMAT is "chatsite" (posts in the room that its handshake names by "enter=" or "rooms/", and acknowledges what
 * it receives of it), "tutorial" or "socketio".
 *
 * A message's body is ~SENDER.NUMBER.MICROSECONDS~ and padding to 100 bytes. Each receiver checks that each sender's
 * numbers come without a gap, and notes how old they are. One warm-up second is not counted. Standard output says
 * "begin" and "end" (the driver reads the server's CPU time then), and last one line of JSON. Without senders it says
 * "part" when a tenth of the sockets are open and quiet: what that takes is not the sockets' own.
 */
#include "wire.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <time.h>

enum { BODY_BYTES = 100, ACK_EVERY = 200, OPENING_AT_ONCE = 64, MAX_PORTS = 16, BUCKETS = 200000, RECEIVED = 16 << 20, ROOM = 36 };
static const double WARM_UP = 1, PATIENCE = 10, OPENING_PATIENCE = 240, SETTLE = 1.5, SETTLE_IDLE = 6;

enum format { CHATSITE, TUTORIAL, SOCKETIO };

struct socket {
  int fd, index;
  bool is_http, upgraded, open, gone;
  const char *room; /* in its handshake: ROOM characters */
  char *kept; /* of a frame of which part is still to come */
  size_t kept_size;
  uint32_t unacked;
  uint32_t *last; /* the last number of each sender */
  double knocked_at;
};

/* Ages in steps of 10 microseconds; the last bucket holds all beyond. */
struct ages {
  uint64_t count, buckets[BUCKETS];
};

static struct socket *sockets;
static char **handshakes;
static int count, senders, receivers, opened, ports[MAX_PORTS], port_count;
static enum format format;
static bool counting, sending;
static uint64_t sent_total, delivered, received_total, order_errors, closed_early, refused, frames, bytes;
static uint32_t *sent;
static struct ages message_ages, answer_ages, opening_ages;
/* One for all: ten thousand idle sockets hold nothing. */
static char received[RECEIVED];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void note_age(struct ages *ages, double seconds) {
  uint64_t bucket = (uint64_t)(seconds * 1e5);
  ages->buckets[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
  ages->count++;
}

static double percentile_ms(const struct ages *ages, double share) {
  uint64_t goal = (uint64_t)(share * (double)ages->count), seen = 0;
  for (int i = 0; i < BUCKETS; i++)
    if ((seen += ages->buckets[i]) > goal) return i / 100.0;
  return BUCKETS / 100.0;
}

/* --- Sending ------------------------------------------------------------------------------------------------------ */

static void send_post(struct socket *s, const char *payload, int length) {
  const char *head = handshakes[s->index];
  char request[2048];
  int n = snprintf(request, sizeof request, "%.*sContent-Length: %d\r\n\r\n%s", (int)strlen(head) - 2, head, length, payload);
  write_all(s->fd, request, (size_t)n);
  s->knocked_at = now();
}

static int write_payload(struct socket *s, char *payload, size_t size, uint32_t number, const char *body) {
  if (s->is_http)
    return snprintf(payload, size, "{\"client_id\":\"%d-%u\",\"body\":\"%s\"}", s->index, number, body);
  if (format == TUTORIAL) return snprintf(payload, size, "{\"message\":\"%s\"}", body);
  if (format == SOCKETIO) return snprintf(payload, size, "42[\"chat\",{\"message\":\"%s\"}]", body);
  return snprintf(payload, size, "{\"type\":\"post\",\"room\":\"%.*s\",\"client_id\":\"%d-%u\",\"body\":\"%s\"}", ROOM, s->room,
                  s->index, number, body);
}

static void send_message(struct socket *s) {
  char body[BODY_BYTES + 1], payload[400];
  uint32_t number = ++sent[s->index];
  int n = snprintf(body, sizeof body, "~%d.%u.%llu~", s->index, number, (unsigned long long)(now() * 1e6));
  memset(body + n, 'x', (size_t)(BODY_BYTES - n));
  body[BODY_BYTES] = 0;
  int length = write_payload(s, payload, sizeof payload, number, body);
  sent_total++;
  if (s->is_http)
    send_post(s, payload, length);
  else
    send_frame(s->fd, TEXT, payload, (size_t)length);
}

static void acknowledge(struct socket *s, const char *text, size_t length) {
  const char *last = NULL, *at = text, *end = text + length;
  while ((at = memmem(at, (size_t)(end - at), "\"seq\":", 6))) last = at, at += 6;
  if (!last) return;
  char ack[128];
  int n = snprintf(ack, sizeof ack, "{\"type\":\"ack\",\"room\":\"%.*s\",\"seq\":%lu}", ROOM, s->room, strtoul(last + 6, NULL, 10));
  send_frame(s->fd, TEXT, ack, (size_t)n);
  s->unacked = 0;
}

/* --- Receiving ---------------------------------------------------------------------------------------------------- */

static void is_open(struct socket *s) {
  if (s->open) return;
  s->open = true;
  opened++;
  note_age(&opening_ages, now() - s->knocked_at);
}

static void note(struct socket *s, const char *marker, const char *end, double at) {
  char *rest;
  unsigned long sender = strtoul(marker + 1, &rest, 10);
  if (*rest != '.' || sender >= (unsigned long)senders) return;
  unsigned long number = strtoul(rest + 1, &rest, 10);
  if (*rest != '.') return;
  unsigned long long born = strtoull(rest + 1, &rest, 10);
  if (*rest != '~' || rest > end) return;
  if (number != s->last[sender] + 1) order_errors++;
  s->last[sender] = (uint32_t)number;
  received_total++;
  s->unacked++;
  if (counting) {
    delivered++;
    note_age(&message_ages, at - (double)born / 1e6);
  }
  if (sending && (int)sender == s->index) send_message(s);
}

static void take_text(struct socket *s, char *text, size_t length, double at) {
  if (format == SOCKETIO && length && text[0] != '4') {
    /* Engine.IO: 0 opens, 2 is its ping. */
    if (text[0] == '0') send_frame(s->fd, TEXT, "40", 2);
    if (text[0] == '2') send_frame(s->fd, TEXT, "3", 1);
    return;
  }
  /* Of chatsite it is the room's welcome, which tells who is present, of Socket.IO the answer to 40. */
  if (!s->open && (format != CHATSITE || memmem(text, length, "\"present\":", 10))) is_open(s);
  if (counting) frames++, bytes += length;
  char *end = text + length, *marker = text;
  while (marker < end && (marker = memchr(marker, '~', (size_t)(end - marker)))) {
    note(s, marker, end, at);
    char *close = memchr(marker + 1, '~', (size_t)(end - marker - 1));
    marker = close ? close + 1 : end;
  }
  if (format == CHATSITE && s->unacked >= ACK_EVERY) acknowledge(s, text, length);
}

static size_t take_frames(struct socket *s, char *data, size_t size) {
  struct frame frame;
  size_t at = 0;
  double arrived = now();
  for (; read_frame(data + at, size - at, &frame); at += frame.whole) {
    if (frame.opcode == TEXT) take_text(s, frame.payload, frame.length, arrived);
    if (frame.opcode == PING) send_frame(s->fd, PONG, frame.payload, frame.length);
    if (frame.opcode == CLOSE) closed_early++;
  }
  return at;
}

static size_t take_upgrade(struct socket *s, char *data, size_t size) {
  char *end = memmem(data, size, "\r\n\r\n", 4);
  if (!end) return 0;
  if (memcmp(data, "HTTP/1.1 101", 12)) {
    if (!refused++) fprintf(stderr, "refused: %.*s\n", (int)(end - data), data);
    /* The others go on: how many are refused is a result. */
    receivers--;
    opened++;
    return size;
  }
  s->upgraded = true;
  if (format == TUTORIAL) is_open(s);
  return (size_t)(end + 4 - data);
}

static size_t take_answer(struct socket *s, char *data, size_t size) {
  size_t whole = http_answer(data, size);
  if (!whole) return 0;
  if (memcmp(data, "HTTP/1.1 201", 12)) {
    if (!refused++) fprintf(stderr, "refused: %.*s\n", 200, data);
    return whole;
  }
  if (counting) note_age(&answer_ages, now() - s->knocked_at);
  if (sending) send_message(s);
  return whole;
}

static void take(struct socket *s) {
  size_t had = s->kept_size, used = 0;
  if (had) memcpy(received, s->kept, had);
  ssize_t n = recv(s->fd, received + had, RECEIVED - 1 - had, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  free(s->kept);
  s->kept = NULL;
  s->kept_size = 0;
  if (n <= 0) {
    closed_early++;
    s->gone = true;
    close(s->fd);
    return;
  }
  size_t size = had + (size_t)n;
  received[size] = 0;
  if (s->is_http) {
    used = take_answer(s, received, size);
  } else {
    if (!s->upgraded) used = take_upgrade(s, received, size);
    if (s->upgraded) used += take_frames(s, received + used, size - used);
  }
  if (used == size) return;
  s->kept_size = size - used;
  s->kept = malloc(s->kept_size);
  if (!s->kept) die("memory");
  memcpy(s->kept, received + used, s->kept_size);
}

static void serve(int epoll, int wait_ms) {
  struct epoll_event events[512];
  int n = epoll_wait(epoll, events, 512, wait_ms);
  for (int i = 0; i < n; i++) take(events[i].data.ptr);
}

static void settle(int epoll, double seconds) {
  for (double until = now() + seconds; now() < until;) serve(epoll, 50);
}

/* --- Opening ------------------------------------------------------------------------------------------------------ */

/* "" where it names none, as other chats do. */
static const char *room_of(const char *handshake) {
  const char *found = strstr(handshake, "enter=");
  if (found) return found + strlen("enter=");
  found = strstr(handshake, "/rooms/");
  return found ? found + strlen("/rooms/") : "";
}

static void open_socket(int epoll, struct socket *s, struct sockaddr_in address) {
  int on = 1;
  address.sin_port = htons((uint16_t)ports[s->index % port_count]);
  s->fd = socket(AF_INET, SOCK_STREAM, 0);
  s->is_http = !strncmp(handshakes[s->index], "POST ", 5);
  s->room = room_of(handshakes[s->index]);
  s->last = calloc((size_t)(senders ? senders : 1), sizeof(uint32_t));
  s->knocked_at = now();
  if (s->fd < 0 || connect(s->fd, (const struct sockaddr *)&address, sizeof address)) die("connect");
  setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(s->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, s->fd, &event)) die("epoll");
  if (s->is_http)
    opened++;
  else
    receivers++, write_all(s->fd, handshakes[s->index], strlen(handshakes[s->index]));
}

static void await_opened(int epoll, int at_least, double until) {
  while (opened < at_least) {
    serve(epoll, 10);
    if (now() > until) {
      fprintf(stderr, "only %d of %d sockets could be opened\n", opened, count);
      exit(2);
    }
  }
}

static double open_all(int epoll, const struct sockaddr_in *address) {
  double begin = now(), rested = 0;
  for (int i = 0; i < count; i++) {
    sockets[i].index = i;
    open_socket(epoll, &sockets[i], *address);
    await_opened(epoll, i + 2 - OPENING_AT_ONCE, begin + OPENING_PATIENCE);
    if (!senders && i == count / 10) {
      await_opened(epoll, i + 1, begin + OPENING_PATIENCE);
      double rest = now();
      settle(epoll, SETTLE_IDLE);
      printf("part\n");
      fflush(stdout);
      rested = now() - rest;
    }
  }
  await_opened(epoll, count, begin + OPENING_PATIENCE);
  return now() - begin - rested;
}

static void read_handshakes(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) die(path);
  size_t size = 0, used = 0;
  char *all = NULL;
  for (size_t n = 1; n; used += n) {
    if (size - used < 65536) all = realloc(all, size = size * 2 + 131072);
    n = fread(all + used, 1, size - used - 1, file);
  }
  all[used] = 0;
  for (char *at = all, *end; (end = strstr(at, "\r\n\r\n")); at = end + 4) {
    handshakes = realloc(handshakes, sizeof *handshakes * (size_t)(count + 1));
    handshakes[count++] = strndup(at, (size_t)(end + 4 - at));
  }
  free(all);
}

/* --- The run ------------------------------------------------------------------------------------------------------ */

static void run(int epoll, double seconds, double rate) {
  sending = rate == 0;
  double begin = now(), next = begin;
  if (sending)
    for (int i = 0; i < senders; i++) send_message(&sockets[i]);
  for (int turn = 0; now() < begin + WARM_UP + seconds;) {
    if (!counting && now() >= begin + WARM_UP) {
      counting = true;
      printf("begin\n");
      fflush(stdout);
    }
    for (; senders && rate > 0 && now() >= next; next += 1 / rate) send_message(&sockets[turn++ % senders]);
    serve(epoll, rate > 0 ? 1 : 20);
  }
  counting = sending = false;
  printf("end\n");
  fflush(stdout);
  uint64_t expected = sent_total * (uint64_t)receivers;
  for (double until = now() + PATIENCE; received_total < expected && now() < until;) serve(epoll, 20);
}

int main(int argc, char **argv) {
  if (argc != 8) {
    fprintf(stderr, "usage: load HOST PORT[,PORT…] HANDSHAKES SENDERS SECONDS RATE FORMAT\n");
    return 2;
  }
  struct sockaddr_in address = {.sin_family = AF_INET};
  inet_pton(AF_INET, argv[1], &address.sin_addr);
  for (char *port = strtok(argv[2], ","); port && port_count < MAX_PORTS; port = strtok(NULL, ","))
    ports[port_count++] = atoi(port);
  read_handshakes(argv[3]);
  senders = atoi(argv[4]);
  double seconds = atof(argv[5]), rate = atof(argv[6]);
  format = !strcmp(argv[7], "chatsite") ? CHATSITE : !strcmp(argv[7], "socketio") ? SOCKETIO : TUTORIAL;
  sockets = calloc((size_t)count, sizeof *sockets);
  sent = calloc((size_t)count, sizeof *sent);
  int epoll = epoll_create1(0);

  double opening = open_all(epoll, &address);
  /* Welcomes, histories and who is here: not what is measured. */
  settle(epoll, senders ? SETTLE : SETTLE_IDLE);
  /* Without senders there is nothing to send, at whatever rate. */
  run(epoll, seconds, senders ? rate : 1);

  uint64_t missing = sent_total * (uint64_t)receivers - received_total;
  const struct ages *ages = answer_ages.count ? &answer_ages : &message_ages;
  printf("{\"sockets\":%d,\"receivers\":%d,\"senders\":%d,\"sent\":%llu,\"delivered\":%llu,\"seconds\":%.3f,"
         "\"frames\":%llu,\"bytes\":%llu,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"opening_seconds\":%.2f,\"opening_p50_ms\":%.2f,"
         "\"order_errors\":%llu,\"missing\":%llu,\"closed\":%llu,\"refused\":%llu}\n",
         count, receivers, senders, (unsigned long long)sent_total, (unsigned long long)delivered, seconds,
         (unsigned long long)frames, (unsigned long long)bytes, percentile_ms(ages, 0.5), percentile_ms(ages, 0.99),
         opening, percentile_ms(&opening_ages, 0.5), (unsigned long long)order_errors, (unsigned long long)missing,
         (unsigned long long)closed_early, (unsigned long long)refused);
  return order_errors || missing || closed_early || refused;
}
