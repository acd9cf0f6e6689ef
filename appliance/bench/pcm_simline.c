/*
 * A sound card without hardware: an ALSA I/O plug-in that keeps real time and fails on command.
 *
 *   pcm_type.simline { lib "/path/libasound_module_pcm_simline.so" }
 *   pcm.card1 { type simline  rate 48000  channels 1  infile "/path/line.raw"  ctl "/path/card1" }
 *
 * Capture delivers INFILE (raw signed 16-bit little-endian, CHANNELS interleaved; silence after its end) at the pace of
 * CLOCK_MONOTONIC. The line behind the card never stops: its time began when the card was first started (kept in the
 * file CTL.epoch), so whatever is not read in time, or passes while the card is unplugged, is gone, as on a real line.
 *
 * Faults are files: while CTL.unplug exists every call fails with ENODEV and the card cannot be opened; while CTL.stall
 * exists the card is there and never ready; CTL.xrun causes one EPIPE and is then removed.
 */
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    snd_pcm_ioplug_t io;
    int timer;
    int sound;                  /* INFILE, or -1 */
    unsigned channels;
    double started;             /* when capture last started, in seconds of CLOCK_MONOTONIC */
    unsigned long long read;    /* frames handed over since then */
    int running;
    char *ctl;
} card_t;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void ctl_path(const card_t *card, const char *what, char path[512])
{
    snprintf(path, 512, "%s.%s", card->ctl, what);
}

static int asked(const card_t *card, const char *fault)
{
    char path[512];
    ctl_path(card, fault, path);
    return access(path, F_OK) == 0;
}

static int asked_once(const card_t *card, const char *fault)
{
    char path[512];
    ctl_path(card, fault, path);
    return unlink(path) == 0;
}

/* When the line behind the card began: STARTED if this is the first start, which notes it for every later one. */
static double epoch(const card_t *card, double started)
{
    char path[512];
    double began = started;
    ctl_path(card, "epoch", path);
    FILE *noted = fopen(path, "r");
    if (noted) {
        if (fscanf(noted, "%lf", &began) != 1)
            began = started;
    } else if ((noted = fopen(path, "w"))) {
        fprintf(noted, "%.9f\n", began);
    } else {
        return began;
    }
    fclose(noted);
    return began;
}

static unsigned long long produced(const card_t *card)
{
    return card->running ? (unsigned long long)((now() - card->started) * card->io.rate) : 0;
}

static void set_timer(card_t *card, long nanoseconds)
{
    struct itimerspec every = {0};
    every.it_value.tv_nsec = every.it_interval.tv_nsec = nanoseconds;
    timerfd_settime(card->timer, 0, &every, NULL);
}

static int card_prepare(snd_pcm_ioplug_t *io)
{
    return asked(io->private_data, "unplug") ? -ENODEV : 0;
}

static int card_start(snd_pcm_ioplug_t *io)
{
    card_t *card = io->private_data;
    if (asked(card, "unplug"))
        return -ENODEV;
    card->started = now();
    double began = epoch(card, card->started);
    card->read = 0;
    card->running = 1;
    if (card->sound >= 0) {
        off_t frame = (off_t)((card->started - began) * io->rate);
        lseek(card->sound, frame * 2 * card->channels, SEEK_SET);
    }
    long half_period = (long)(0.5e9 * io->period_size / io->rate);
    set_timer(card, half_period < 999999999L ? half_period : 999999999L);
    return 0;
}

static int card_stop(snd_pcm_ioplug_t *io)
{
    card_t *card = io->private_data;
    card->running = 0;
    set_timer(card, 0);
    return 0;
}

static snd_pcm_sframes_t card_pointer(snd_pcm_ioplug_t *io)
{
    card_t *card = io->private_data;
    if (asked(card, "unplug"))
        return -ENODEV;
    if (!card->running)
        return 0;
    if (asked_once(card, "xrun"))
        return -EPIPE;
    unsigned long long frames = produced(card);
    if (frames - card->read > io->buffer_size)
        return -EPIPE;
    return frames % io->buffer_size;
}

static snd_pcm_sframes_t card_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                       snd_pcm_uframes_t offset, snd_pcm_uframes_t frames)
{
    card_t *card = io->private_data;
    if (asked(card, "unplug"))
        return -ENODEV;
    size_t wanted = frames * 2 * card->channels, got = 0;
    char *to = (char *)areas->addr + (areas->first + areas->step * offset) / 8;
    while (card->sound >= 0 && got < wanted) {
        ssize_t bytes = read(card->sound, to + got, wanted - got);
        if (bytes <= 0)
            break;
        got += bytes;
    }
    memset(to + got, 0, wanted - got);
    card->read += frames;
    return frames;
}

static int card_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned count, unsigned short *events)
{
    card_t *card = io->private_data;
    unsigned long long ticks;
    (void)count;
    if ((fds[0].revents & POLLIN) && read(card->timer, &ticks, sizeof ticks) < 0)
        ticks = 0;
    *events = 0;
    if (asked(card, "unplug")) {
        *events = POLLERR;
        return 0;
    }
    if (asked(card, "stall"))
        return 0;
    snd_pcm_sframes_t ready = snd_pcm_avail_update(io->pcm);
    if (ready < 0)
        *events = POLLERR;
    else if ((snd_pcm_uframes_t)ready >= io->period_size)
        *events = POLLIN;
    return 0;
}

static int card_close(snd_pcm_ioplug_t *io)
{
    card_t *card = io->private_data;
    close(card->timer);
    if (card->sound >= 0)
        close(card->sound);
    free(card->ctl);
    free(card);
    return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .prepare = card_prepare,
    .start = card_start,
    .stop = card_stop,
    .pointer = card_pointer,
    .transfer = card_transfer,
    .poll_revents = card_revents,
    .close = card_close,
};

/* The card takes its own rate and channels and nothing else: no conversion hides behind it. */
static void limit(card_t *card, unsigned rate)
{
    static const unsigned access[] = {SND_PCM_ACCESS_MMAP_INTERLEAVED, SND_PCM_ACCESS_RW_INTERLEAVED};
    static const unsigned format[] = {SND_PCM_FORMAT_S16_LE};
    snd_pcm_ioplug_t *io = &card->io;
    snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 2, access);
    snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, format);
    snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, card->channels, card->channels);
    snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, rate, rate);
    snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64, 1 << 18);
    snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 256, 1 << 20);
    snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 1024);
}

SND_PCM_PLUGIN_DEFINE_FUNC(simline)
{
    snd_config_iterator_t i, next;
    const char *infile = NULL, *ctl = NULL;
    long rate = 48000, channels = 1;
    snd_config_for_each(i, next, conf) {
        snd_config_t *field = snd_config_iterator_entry(i);
        const char *id;
        if (snd_config_get_id(field, &id) < 0 || !strcmp(id, "type") || !strcmp(id, "comment") || !strcmp(id, "hint"))
            continue;
        if (!strcmp(id, "infile"))
            snd_config_get_string(field, &infile);
        else if (!strcmp(id, "ctl"))
            snd_config_get_string(field, &ctl);
        else if (!strcmp(id, "rate"))
            snd_config_get_integer(field, &rate);
        else if (!strcmp(id, "channels"))
            snd_config_get_integer(field, &channels);
        else
            return -EINVAL;
    }
    if (!ctl || stream != SND_PCM_STREAM_CAPTURE)
        return -EINVAL;
    card_t *card = calloc(1, sizeof *card);
    if (!card)
        return -ENOMEM;
    card->channels = channels;
    card->ctl = strdup(ctl);
    if (asked(card, "unplug")) {
        free(card->ctl);
        free(card);
        return -ENODEV;
    }
    card->sound = infile ? open(infile, O_RDONLY | O_CLOEXEC) : -1;
    card->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    card->io.version = SND_PCM_IOPLUG_VERSION;
    card->io.name = "simline";
    card->io.callback = &callbacks;
    card->io.private_data = card;
    card->io.poll_fd = card->timer;
    card->io.poll_events = POLLIN;
    int failed = snd_pcm_ioplug_create(&card->io, name, stream, mode);
    if (failed < 0) {
        card_close(&card->io);
        return failed;
    }
    limit(card, rate);
    *pcmp = card->io.pcm;
    return 0;
}
SND_PCM_PLUGIN_SYMBOL(simline);
