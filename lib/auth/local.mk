libgatepost_a_SOURCES += \
	%D%/auth.c \
	%D%/auth.h

# SPF
libgatepost_a_SOURCES += \
	%D%/spf.c \
	%D%/spf.h \
	%D%/spf-dns.c \
	%D%/spf-explain.c \
	%D%/spf-front.c \
	%D%/spf-macro.c \
	%D%/spf-macro.h \
	%D%/spf-private.h \
	%D%/spf-record.c \
	%D%/spf-record.h \
	%D%/spf-target.c

# DKIM
libgatepost_a_SOURCES += \
	%D%/dkim.c \
	%D%/dkim.h \
	%D%/dkim-key.c \
	%D%/dkim-key.h \
	%D%/dkim-length.c \
	%D%/dkim-length.h \
	%D%/dkim-signature.c \
	%D%/dkim-signature.h \
	%D%/dkim-tags.c \
	%D%/dkim-tags.h

# DMARC
libgatepost_a_SOURCES += \
	%D%/dmarc.c \
	%D%/dmarc.h \
	%D%/dmarc-library.c \
	%D%/dmarc-library.h \
	%D%/dmarc-record.c \
	%D%/dmarc-record.h \
	%D%/dmarc-walk.c \
	%D%/dmarc-walk.h

# Authentication-Results
libgatepost_a_SOURCES += \
	%D%/authres.c \
	%D%/authres.h \
	%D%/authres-claims.c \
	%D%/authres-lexical.c \
	%D%/authres-parse.c \
	%D%/authres-private.h

# iprev
libgatepost_a_SOURCES += \
	%D%/iprev.c \
	%D%/iprev.h
