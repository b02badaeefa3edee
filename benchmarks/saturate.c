/* Pushes bytes that are ready at a sink: what this machine and the sink can take at most.
 *
 *   saturate http|smtp PORT FILE COUNT CONNECTIONS
 *
 * One thread a connection. http: FILE is the body of a request, sent COUNT times over keep-alive
 * connections. smtp: FILE is a message without its final dot; MAIL, RCPT and DATA of the next one
 * go along with the dot of the one before, so each message takes one round trip.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char ENVELOPE[] =
    "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n";
static int is_smtp, port;
static long share;
static char *unit;
static size_t unit_size;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void push(int fd, const char *from, size_t size) {
    while (size) {
        ssize_t sent = send(fd, from, size, MSG_NOSIGNAL);
        if (sent <= 0) fail("send");
        from += sent;
        size -= sent;
    }
}

/* Read until so many answers are there: an answer ends a line without a dash, or an HTTP head. */
static void await(int fd, int answers) {
    static _Thread_local char heard[1 << 16];
    static _Thread_local size_t filled;
    while (answers) {
        char *end = memmem(heard, filled, is_smtp ? "\r\n" : "\r\n\r\n", is_smtp ? 2 : 4);
        if (end) {
            size_t size = end + (is_smtp ? 2 : 4) - heard;
            if (is_smtp ? !strchr("23", heard[0]) : !!memcmp(heard, "HTTP/1.1 202", 12)) {
                fprintf(stderr, "refused: %.*s\n", (int)size, heard);
                exit(1);
            }
            if (!is_smtp || heard[3] == ' ') answers--;
            filled -= size;
            memmove(heard, heard + size, filled);
            continue;
        }
        ssize_t got = recv(fd, heard + filled, sizeof heard - filled, 0);
        if (got <= 0) fail("recv");
        filled += got;
    }
}

static void *drive(void *unused) {
    (void)unused;
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in where = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (connect(fd, (struct sockaddr *)&where, sizeof where)) fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (is_smtp) {
        await(fd, 1);
        push(fd, "EHLO saturate\r\n", 15);
        await(fd, 1);
        push(fd, ENVELOPE, sizeof ENVELOPE - 1);
        await(fd, 3);
    }
    for (long left = share; left; left--) {
        if (!is_smtp || left > 1) {
            push(fd, unit, unit_size);
            await(fd, is_smtp ? 4 : 1);
        } else {
            push(fd, unit, unit_size - (sizeof ENVELOPE - 1));
            await(fd, 1);
        }
    }
    return NULL;
}

int main(int count, char **words) {
    if (count != 6) { fprintf(stderr, "saturate http|smtp PORT FILE COUNT CONNECTIONS\n"); return 2; }
    is_smtp = !strcmp(words[1], "smtp");
    port = atoi(words[2]);
    int threads = atoi(words[5]);
    share = (atol(words[4]) + threads - 1) / threads;
    FILE *file = fopen(words[3], "rb");
    if (!file) fail(words[3]);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    unit = malloc(size + 515);
    char *at = unit;
    if (!is_smtp)
        at += sprintf(at, "POST /v3/mail/send HTTP/1.1\r\nHost: sink\r\nContent-Length: %ld\r\n\r\n", size);
    if (fread(at, 1, size, file) != (size_t)size) fail(words[3]);
    at += size;
    if (is_smtp) at += sprintf(at, ".\r\n%s", ENVELOPE);
    unit_size = at - unit;

    pthread_t *all = calloc(threads, sizeof *all);
    for (int n = 0; n < threads; n++) pthread_create(&all[n], NULL, drive, NULL);
    for (int n = 0; n < threads; n++) pthread_join(all[n], NULL);
    return 0;
}
