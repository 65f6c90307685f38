/* What travels: bytes to a socket, WebSocket frames (RFC 6455) and HTTP answers from it. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

struct frame {
  int opcode;
  char *payload;
  size_t length, whole; /* whole: with its header */
};

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
    length -= (size_t)n;
  }
}

/* A client's frame is masked (section 5.3); the key 0 leaves the payload as it is. */
static void send_frame(int fd, int opcode, const char *payload, size_t length) {
  char frame[512];
  size_t at = 0;
  if (length + 8 > sizeof frame) return;
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
  memcpy(frame + at, payload, length);
  write_all(fd, frame, at + length);
}

/* Look at the frame that `data` begins with; false while part of it is still to come. */
static bool read_frame(char *data, size_t size, struct frame *frame) {
  unsigned char *head = (unsigned char *)data;
  if (size < 2) return false;
  size_t length = head[1] & 0x7f, header = 2;
  if (length == 126) {
    if (size < 4) return false;
    length = (size_t)head[2] << 8 | head[3];
    header = 4;
  } else if (length == 127) {
    if (size < 10) return false;
    length = 0;
    for (int i = 2; i < 10; i++) length = length << 8 | head[i];
    header = 10;
  }
  if (size < header + length) return false;
  *frame = (struct frame){head[0] & 0x0f, data + header, length, header + length};
  return true;
}

/* The length of the HTTP answer that `data` begins with; 0 while part of it is still to come. */
static size_t http_answer(const char *data, size_t size) {
  const char *end = memmem(data, size, "\r\n\r\n", 4);
  if (!end) return 0;
  const char *length = strcasestr(data, "\r\nContent-Length:");
  size_t whole = (size_t)(end + 4 - data) + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
  return whole <= size ? whole : 0;
}
