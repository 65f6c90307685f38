/* A cheap WebSocket load generator: one thread, epoll, no library. One core of it drives more than a server can.
 *
 *   load HOST PORT HANDSHAKES SENDERS SECONDS RATE FORMAT
 *
 * HANDSHAKES is a file of upgrade requests, each ended by an empty line as HTTP has it. The first SENDERS of the sockets
 * send. RATE 0: each sends its next message when its last one has come back (closed loop); otherwise so many messages a
 * second in all. FORMAT is "chatsite" (posts, and acknowledges what it receives) or "tutorial".
 *
 * A message's body is ~SENDER.NUMBER.MICROSECONDS~ and padding to 100 bytes. Each receiver checks that each sender's
 * numbers come without a gap, and notes how old they are. One warm-up second is not counted. Standard output says
 * "begin" and "end" (the driver reads the server's CPU time then), and last one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BODY_BYTES = 100, ACK_EVERY = 200, OPENING_AT_ONCE = 64, BUCKETS = 200000 };
static const double WARM_UP = 1.0, PATIENCE = 10.0;

struct socket {
  int fd, index;
  bool open;
  char *buffer;
  size_t used, size;
  uint32_t unacked;
  uint32_t *last; /* the last number of each sender */
};

static struct socket *sockets;
static char **handshakes;
static int count, senders, opened;
static bool is_chatsite, counting, sending;
static uint64_t sent_total, delivered, received_total, order_errors, closed_early;
static uint32_t *sent;
/* Ages of messages on arrival in steps of 10 microseconds; the last bucket holds all beyond. */
static uint64_t ages[BUCKETS];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
  perror(what);
  exit(2);
}

static void write_all(int fd, const char *data, size_t length) {
  while (length) {
    ssize_t n = send(fd, data, length, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n < 0) return; /* closed: counted when it is read */
    data += n;
    length -= n;
  }
}

/* A client's frame is masked (RFC 6455 section 5.3); the key 0 leaves the payload as it is. */
static void send_frame(struct socket *s, int opcode, const char *payload, size_t length) {
  char frame[512];
  size_t at = 0;
  frame[at++] = (char)(0x80 | opcode);
  if (length < 126) {
    frame[at++] = (char)(0x80 | length);
  } else {
    frame[at++] = (char)(0x80 | 126);
    frame[at++] = (char)(length >> 8);
    frame[at++] = (char)length;
  }
  memset(frame + at, 0, 4);
  at += 4;
  if (at + length > sizeof frame) return;
  memcpy(frame + at, payload, length);
  write_all(s->fd, frame, at + length);
}

static void send_message(struct socket *s) {
  char body[BODY_BYTES + 1], payload[400];
  uint32_t number = ++sent[s->index];
  int n = snprintf(body, sizeof body, "~%d.%u.%llu~", s->index, number, (unsigned long long)(now() * 1e6));
  memset(body + n, 'x', BODY_BYTES - n);
  body[BODY_BYTES] = 0;
  int length = is_chatsite
      ? snprintf(payload, sizeof payload, "{\"type\":\"post\",\"client_id\":\"%d-%u\",\"body\":\"%s\"}", s->index, number, body)
      : snprintf(payload, sizeof payload, "{\"message\":\"%s\"}", body);
  send_frame(s, 1, payload, (size_t)length);
  sent_total++;
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
    uint64_t age = (uint64_t)((at * 1e6 - (double)born) / 10);
    ages[age < BUCKETS ? age : BUCKETS - 1]++;
  }
  if (sending && (int)sender == s->index) send_message(s);
}

static void acknowledge(struct socket *s, const char *text, size_t length) {
  const char *last = NULL, *at = text, *end = text + length;
  while ((at = memmem(at, (size_t)(end - at), "\"seq\":", 6))) last = at, at += 6;
  if (!last) return;
  char ack[64];
  int n = snprintf(ack, sizeof ack, "{\"type\":\"ack\",\"seq\":%lu}", strtoul(last + 6, NULL, 10));
  send_frame(s, 1, ack, (size_t)n);
  s->unacked = 0;
}

static void take_text(struct socket *s, char *text, size_t length, double at) {
  if (!s->open) {
    /* Of chatsite, the first frame is the welcome; of others, any will do. */
    return;
  }
  char *end = text + length, *marker = text;
  bool was_sending = sending;
  while (marker < end && (marker = memchr(marker, '~', (size_t)(end - marker)))) {
    note(s, marker, end, at);
    char *close = memchr(marker + 1, '~', (size_t)(end - marker - 1));
    marker = close ? close + 1 : end;
  }
  (void)was_sending;
  if (is_chatsite && s->unacked >= ACK_EVERY) acknowledge(s, text, length);
}

/* Take whole frames from the buffer. */
static void take_frames(struct socket *s) {
  size_t at = 0;
  double arrived = now();
  while (s->used - at >= 2) {
    unsigned char *head = (unsigned char *)s->buffer + at;
    size_t length = head[1] & 0x7f, header = 2;
    if (length == 126) {
      if (s->used - at < 4) break;
      length = (size_t)head[2] << 8 | head[3];
      header = 4;
    } else if (length == 127) {
      if (s->used - at < 10) break;
      length = 0;
      for (int i = 2; i < 10; i++) length = length << 8 | head[i];
      header = 10;
    }
    if (s->used - at < header + length) break;
    char *payload = s->buffer + at + header;
    int opcode = head[0] & 0x0f;
    if (opcode == 1) take_text(s, payload, length, arrived);
    if (opcode == 9) send_frame(s, 10, payload, length);
    if (opcode == 8) closed_early++;
    at += header + length;
  }
  memmove(s->buffer, s->buffer + at, s->used - at);
  s->used -= at;
}

static void finish_handshake(struct socket *s) {
  char *end = memmem(s->buffer, s->used, "\r\n\r\n", 4);
  if (!end) return;
  if (memcmp(s->buffer, "HTTP/1.1 101", 12)) {
    fprintf(stderr, "refused: %.*s\n", 60, s->buffer);
    exit(2);
  }
  size_t header = (size_t)(end + 4 - s->buffer);
  memmove(s->buffer, s->buffer + header, s->used - header);
  s->used -= header;
  s->open = true;
  opened++;
}

static void take(struct socket *s) {
  if (s->size - s->used < 65536) {
    s->size = s->size * 2 + 131072;
    s->buffer = realloc(s->buffer, s->size);
    if (!s->buffer) die("memory");
  }
  ssize_t n = recv(s->fd, s->buffer + s->used, s->size - s->used, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    closed_early++;
    close(s->fd);
    return;
  }
  s->used += (size_t)n;
  if (!s->open) finish_handshake(s);
  if (s->open) take_frames(s);
  /* An idle socket holds no buffer: ten thousand of them fit into little memory. */
  if (!s->used && s->size > 1 << 20) {
    free(s->buffer);
    s->buffer = NULL;
    s->size = 0;
  }
}

static void serve(int epoll, int wait_ms) {
  struct epoll_event events[512];
  int n = epoll_wait(epoll, events, 512, wait_ms);
  for (int i = 0; i < n; i++) take(events[i].data.ptr);
}

static void open_socket(int epoll, struct socket *s, const struct sockaddr_in *address) {
  int on = 1;
  s->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (s->fd < 0 || connect(s->fd, (const struct sockaddr *)address, sizeof *address)) die("connect");
  setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  write_all(s->fd, handshakes[s->index], strlen(handshakes[s->index]));
  fcntl(s->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, s->fd, &event)) die("epoll");
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

static double percentile(double share) {
  uint64_t goal = (uint64_t)(share * (double)delivered), seen = 0;
  for (int i = 0; i < BUCKETS; i++)
    if ((seen += ages[i]) > goal) return i / 100.0;
  return BUCKETS / 100.0;
}

int main(int argc, char **argv) {
  if (argc != 8) {
    fprintf(stderr, "usage: load HOST PORT HANDSHAKES SENDERS SECONDS RATE FORMAT\n");
    return 2;
  }
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &address.sin_addr);
  read_handshakes(argv[3]);
  senders = atoi(argv[4]);
  double seconds = atof(argv[5]), rate = atof(argv[6]);
  is_chatsite = !strcmp(argv[7], "chatsite");
  sockets = calloc((size_t)count, sizeof *sockets);
  sent = calloc((size_t)count, sizeof *sent);
  int epoll = epoll_create1(0);

  double opening = now();
  for (int i = 0; i < count; i++) {
    sockets[i].index = i;
    sockets[i].last = calloc((size_t)(senders ? senders : 1), sizeof(uint32_t));
    open_socket(epoll, &sockets[i], &address);
    while (i + 1 - opened >= OPENING_AT_ONCE) serve(epoll, 10);
  }
  while (opened < count) serve(epoll, 10);
  opening = now() - opening;
  /* Welcomes, histories and who is here: not what is measured. */
  for (double until = now() + 1.5; now() < until;) serve(epoll, 50);

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
    for (; rate > 0 && now() >= next; next += 1 / rate) send_message(&sockets[turn++ % senders]);
    serve(epoll, rate > 0 ? 1 : 20);
  }
  counting = sending = false;
  printf("end\n");
  fflush(stdout);
  uint64_t expected = sent_total * (uint64_t)count;
  for (double until = now() + PATIENCE; received_total < expected && now() < until;) serve(epoll, 20);

  printf("{\"sockets\":%d,\"senders\":%d,\"sent\":%llu,\"delivered\":%llu,\"seconds\":%.3f,\"per_second\":%.0f,"
         "\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"order_errors\":%llu,\"missing\":%llu,\"closed\":%llu,\"opening_seconds\":%.2f}\n",
         count, senders, (unsigned long long)sent_total, (unsigned long long)delivered, seconds,
         (double)delivered / seconds, percentile(0.5), percentile(0.99), (unsigned long long)order_errors,
         (unsigned long long)(expected - received_total), (unsigned long long)closed_early, opening);
  return order_errors || expected != received_total || closed_early;
}
