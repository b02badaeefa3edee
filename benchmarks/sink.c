/* A sink for email that is far faster than any sender: one thread, epoll, nothing is parsed.
 *
 *   sink http|smtp DELAY_MS [FOLDER]
 *
 * It prints its port on a line. `count` on its standard input makes it print connections, requests,
 * recipients, octets, and when the first and the last request were complete (seconds of the
 * monotonic clock); `reset` makes it count from zero; `delay MS` changes the delay; the end of its
 * input ends it.
 *
 * http: every request is answered 202, DELAY_MS after its last octet. Recipients are counted by
 *   `"to":`, which JSON has once in each personalization and nowhere else: quotes within values
 *   are escaped.
 * smtp: commands that come together are answered together (PIPELINING, RFC 2920), each answer
 *   DELAY_MS after what it answers, as over a line with that round trip.
 * With FOLDER every body or message is also written into a file of its own.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 4096, STEP = 1 << 20, MOST_ANSWER = 1 << 16 };

struct connection {
    int fd;
    unsigned generation;
    char *octets;
    size_t filled, room;
    size_t seen;      /* smtp: how far the end of the message was looked for */
    size_t need;      /* http: octets of the whole request; 0 while its head is not complete */
    size_t head;      /* http: octets of its head */
    int in_message;   /* smtp: between DATA and the final dot */
    long recipients;  /* smtp: of this message */
};

struct answer {
    double due;
    int fd;
    unsigned generation;
    size_t size;
    char *octets;
};

static struct connection connections[MOST_CONNECTIONS];
static struct answer waiting[MOST_CONNECTIONS * 4];
static size_t first_waiting, after_waiting; /* a ring: the delay is one, so they are in order */
static int is_smtp, polling;
static int alarm_clock; /* epoll_wait counts milliseconds, and would answer late by up to one */
static double delay;
static const char *folder;
static long opened, requests, recipients, kept;
static double octets, first, last;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void drop(struct connection *c) {
    close(c->fd);
    c->generation++;
    c->filled = c->seen = c->need = 0;
    c->in_message = 0;
    c->recipients = 0;
}

static void push(int fd, const char *from, size_t size) {
    while (size) {
        ssize_t sent = send(fd, from, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) continue; /* answers are short */
        if (sent <= 0) return;
        from += sent;
        size -= sent;
    }
}

static void say(struct connection *c, const char *text, size_t size) {
    if (!size) return;
    if (delay <= 0) {
        push(c->fd, text, size);
        return;
    }
    struct answer *a = &waiting[after_waiting];
    after_waiting = (after_waiting + 1) % (sizeof waiting / sizeof *waiting);
    if (after_waiting == first_waiting) { fprintf(stderr, "too many answers wait\n"); exit(1); }
    *a = (struct answer){now() + delay, c->fd, c->generation, size, malloc(size)};
    memcpy(a->octets, text, size);
}

static void keep(const char *from, size_t size) {
    if (!folder) return;
    char path[4096];
    snprintf(path, sizeof path, "%s/%08ld", folder, kept++);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(from, 1, size, file) != size) fail(path);
    fclose(file);
}

static void count_request(long people, size_t size) {
    last = now();
    if (!requests) first = last;
    requests++;
    recipients += people;
    octets += size;
}

static void consume(struct connection *c, size_t size) {
    c->filled -= size;
    memmove(c->octets, c->octets + size, c->filled);
}

/* ---- HTTP ---- */

static const char ACCEPTED[] =
    "HTTP/1.1 202 Accepted\r\nX-Message-Id: sink\r\nContent-Length: 0\r\n\r\n";

static int read_head(struct connection *c) {
    char *end = memmem(c->octets, c->filled, "\r\n\r\n", 4);
    if (!end) return 0;
    *end = 0;
    char *length = strcasestr(c->octets, "\ncontent-length:");
    *end = '\r';
    c->head = end + 4 - c->octets;
    c->need = c->head + (length ? strtoul(length + 16, NULL, 10) : 0);
    return 1;
}

/* Without branches, so that the compiler compares many octets at once: several times memmem. */
static long people_in(const char *at, size_t size) {
    long found = 0;
    size_t places = size < 5 ? 0 : size - 4;
    for (size_t block = 0; block < places; block += 240) {
        size_t end = block + 240 < places ? block + 240 : places;
        unsigned char some = 0; /* at most 240 / 5 */
        for (size_t n = block; n < end; n++)
            some += (at[n] == '"') & (at[n + 1] == 't') & (at[n + 2] == 'o') & (at[n + 3] == '"')
                    & (at[n + 4] == ':');
        found += some;
    }
    return found;
}

static void serve_http(struct connection *c) {
    while (c->filled) {
        if (!c->need && !read_head(c)) return;
        if (c->filled < c->need) return;
        count_request(people_in(c->octets + c->head, c->need - c->head), c->need);
        keep(c->octets + c->head, c->need - c->head);
        consume(c, c->need);
        c->need = 0;
        say(c, ACCEPTED, sizeof ACCEPTED - 1);
    }
}

/* ---- SMTP ---- */

static const char *answer_to(struct connection *c, const char *line) {
    if (!strncasecmp(line, "EHLO", 4))
        return "250-sink\r\n250-PIPELINING\r\n250-SIZE 0\r\n250 8BITMIME\r\n";
    if (!strncasecmp(line, "RCPT", 4)) { c->recipients++; return "250 ok\r\n"; }
    if (!strncasecmp(line, "DATA", 4)) { c->in_message = 1; return "354 go on\r\n"; }
    if (!strncasecmp(line, "QUIT", 4)) return "221 bye\r\n";
    return "250 ok\r\n";
}

/* The end of the message, or 0. Lines are long: looking at each CR costs next to nothing. */
static size_t end_of_message(struct connection *c) {
    char *at = c->octets + c->seen, *end = c->octets + c->filled;
    if (!c->seen && c->filled >= 3 && !memcmp(at, ".\r\n", 3)) return 3;
    while (end - at >= 5 && (at = memchr(at, '\r', end - at - 4))) {
        if (!memcmp(at, "\r\n.\r\n", 5)) return at + 5 - c->octets;
        at++;
    }
    c->seen = c->filled > 4 ? c->filled - 4 : 0;
    return 0;
}

static void serve_smtp(struct connection *c) {
    char said[MOST_ANSWER];
    size_t size = 0, done = 0;
    for (;;) {
        if (c->in_message) {
            if (done) { consume(c, done); done = 0; }
            size_t end = end_of_message(c);
            if (!end) break;
            count_request(c->recipients, end);
            keep(c->octets, end - 3);
            consume(c, end);
            c->seen = 0;
            c->in_message = 0;
            c->recipients = 0;
            memcpy(said + size, "250 2.0.0 taken\r\n", 17);
            size += 17;
        }
        char *line = c->octets + done;
        char *end = memmem(line, c->filled - done, "\r\n", 2);
        if (!end || size > MOST_ANSWER - 256) break;
        const char *answer = answer_to(c, line);
        memcpy(said + size, answer, strlen(answer));
        size += strlen(answer);
        done = end + 2 - c->octets;
    }
    if (done) consume(c, done);
    say(c, said, size);
}

/* ---- sockets ---- */

static void hear(struct connection *c) {
    for (;;) {
        if (c->room - c->filled < STEP) {
            c->room += 2 * STEP;
            c->octets = realloc(c->octets, c->room);
            if (!c->octets) fail("memory");
        }
        ssize_t got = recv(c->fd, c->octets + c->filled, STEP, 0);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) { drop(c); return; }
        c->filled += got;
        if (is_smtp) serve_smtp(c); else serve_http(c);
        if (got < STEP) return; /* all that is there; epoll tells of more */
    }
}

static void welcome(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    if (fd >= MOST_CONNECTIONS) { close(fd); return; }
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct connection *c = &connections[fd];
    c->fd = fd;
    opened++;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(polling, EPOLL_CTL_ADD, fd, &event);
    if (is_smtp) say(c, "220 sink\r\n", 10);
}

static void obey(void) {
    static char line[64];
    if (!fgets(line, sizeof line, stdin)) exit(0);
    if (!strncmp(line, "reset", 5)) {
        opened = requests = recipients = 0;
        octets = first = last = 0;
    } else if (!strncmp(line, "delay", 5)) {
        delay = strtod(line + 5, NULL) / 1e3;
    }
    printf("%ld %ld %ld %.0f %.9f %.9f\n", opened, requests, recipients, octets, first, last);
    fflush(stdout);
}

static void let_go(void) { /* answers that are due; the alarm wakes us for the next one */
    while (first_waiting != after_waiting) {
        struct answer *a = &waiting[first_waiting];
        if (a->due > now()) break;
        if (connections[a->fd].generation == a->generation) push(a->fd, a->octets, a->size);
        free(a->octets);
        first_waiting = (first_waiting + 1) % (sizeof waiting / sizeof *waiting);
    }
    struct itimerspec at = {0}; /* zeros: no alarm */
    if (first_waiting != after_waiting) {
        double due = waiting[first_waiting].due;
        at.it_value.tv_sec = (time_t)due;
        at.it_value.tv_nsec = (long)((due - (time_t)due) * 1e9);
    }
    if (timerfd_settime(alarm_clock, TFD_TIMER_ABSTIME, &at, NULL)) fail("alarm");
}

int main(int count, char **words) {
    if (count < 3) { fprintf(stderr, "sink http|smtp DELAY_MS [FOLDER]\n"); return 2; }
    is_smtp = !strcmp(words[1], "smtp");
    delay = strtod(words[2], NULL) / 1e3;
    folder = count > 3 ? words[3] : NULL;
    setvbuf(stdin, NULL, _IONBF, 0);

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof where;
    if (bind(listener, (struct sockaddr *)&where, size) || listen(listener, 1024)) fail("listen");
    getsockname(listener, (struct sockaddr *)&where, &size);
    printf("%d\n", ntohs(where.sin_port));
    fflush(stdout);

    polling = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(polling, EPOLL_CTL_ADD, listener, &event);
    event.data.fd = 0;
    epoll_ctl(polling, EPOLL_CTL_ADD, 0, &event);
    alarm_clock = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    event.data.fd = alarm_clock;
    epoll_ctl(polling, EPOLL_CTL_ADD, alarm_clock, &event);
    for (;;) {
        struct epoll_event ready[256];
        if (delay > 0) let_go();
        int found = epoll_wait(polling, ready, 256, -1);
        for (int n = 0; n < found; n++) {
            int fd = ready[n].data.fd;
            if (fd == 0) obey();
            else if (fd == alarm_clock) continue; /* let_go sets it anew */
            else if (fd == listener) welcome(listener);
            else hear(&connections[fd]);
        }
    }
}
