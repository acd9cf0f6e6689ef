/* Decodes cut-out audio with spandsp, for comparison: built and run by appliance/bench/peers.py.
 *
 * stdin:  records of three 32-bit words in the machine's order (kind, samples, 0), then that many 16-bit samples of
 *         8 kHz. kind 0: DTMF; 1: caller display by ADSI_STANDARD_CLASS (Bell 202); 2: by ADSI_STANDARD_CLIP (V.23).
 * stdout: a line for each record: the digits, or the caller's number; empty where none was found.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spandsp.h>

static char number[256];

enum { DATE = 8 }; /* octets of date and time before the number in a single data message (GR-30) */

static void take_message(void *standard, const uint8_t *message, int length)
{
    adsi_rx_state_t *reader = adsi_rx_init(NULL, (int) (intptr_t) standard, NULL, NULL);
    int single = length > 0 && message[0] == CLASS_SDMF_CALLERID;
    int at = -1, field_length;
    uint8_t kind;
    const uint8_t *field;
    while ((at = adsi_next_field(reader, message, length, at, &kind, &field, &field_length)) > 0) {
        if (!field || !(single || kind == MCLASS_CALLER_NUMBER))
            continue;
        int skipped = single ? DATE : 0, digits = field_length - skipped;
        if (digits > 0 && digits < (int) sizeof number) {
            memcpy(number, field + skipped, (size_t) digits);
            number[digits] = '\0';
        }
    }
    adsi_rx_free(reader);
}

enum { TWIST_DB = 12, LEAST_DBM0 = -42 }; /* wider than its defaults of 8 and 4 dB, which some lines exceed */

static void decode_digits(const int16_t *samples, int count)
{
    char digits[256] = "";
    dtmf_rx_state_t *decoder = dtmf_rx_init(NULL, NULL, NULL);
    dtmf_rx_parms(decoder, 0, TWIST_DB, TWIST_DB, LEAST_DBM0);
    dtmf_rx(decoder, samples, count);
    dtmf_rx_get(decoder, digits, (int) sizeof digits - 1);
    dtmf_rx_free(decoder);
    puts(digits);
}

static void decode_caller(const int16_t *samples, int count, int standard)
{
    number[0] = '\0';
    adsi_rx_state_t *decoder = adsi_rx_init(NULL, standard, take_message, (void *) (intptr_t) standard);
    adsi_rx(decoder, samples, count);
    adsi_rx_free(decoder);
    puts(number);
}

int main(void)
{
    uint32_t head[3];
    while (fread(head, sizeof head, 1, stdin) == 1) {
        int16_t *samples = malloc(head[1] * sizeof *samples + 1);
        if (!samples || fread(samples, sizeof *samples, head[1], stdin) != head[1])
            return 1;
        if (head[0] == 0)
            decode_digits(samples, (int) head[1]);
        else
            decode_caller(samples, (int) head[1], head[0] == 1 ? ADSI_STANDARD_CLASS : ADSI_STANDARD_CLIP);
        free(samples);
    }
    return 0;
}
