/*
 * auth - the words that all authentication methods share (RFC 8601 section 2.7).
 */
#ifndef GATEPOST_AUTH_AUTH_H
#define GATEPOST_AUTH_AUTH_H

enum auth_result {
	AUTH_NONE,
	AUTH_PASS,
	AUTH_FAIL,
	AUTH_SOFTFAIL,
	AUTH_NEUTRAL,
	AUTH_POLICY,
	AUTH_TEMPERROR,
	AUTH_PERMERROR
};

/* auth_result_text - "none", "pass", ... as in Authentication-Results */
const char *auth_result_text(enum auth_result result);

#endif
