/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line to stderr: "level: sentence key=value ...".  Only the floors
 * capture and cmd log; the ones below return errors.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/*
 * log_set_level(level):
 * Write lines up to ${level}; LOG_INFO at the start.
 */
void log_set_level(enum log_level level);

/*
 * log_line(level, fmt, ...):
 * Write one line; control characters in it become '?'.
 */
void log_line(enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define log_err(...)   log_line(LOG_ERR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

/*
 * log_progress(text):
 * Overwrite the terminal's last line with ${text}, or clear it when ${text}
 * is NULL.  Nothing happens where stderr is no terminal.
 */
void log_progress(const char *text);

#endif
