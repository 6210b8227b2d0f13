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

# DKIM signing
libgatepost_a_SOURCES += \
	%D%/sign.c \
	%D%/sign.h \
	%D%/sign-canon.c \
	%D%/sign-canon.h \
	%D%/sign-fields.c \
	%D%/sign-fields.h \
	%D%/sign-folder.c \
	%D%/sign-folder.h \
	%D%/sign-key.c \
	%D%/sign-key.h \
	%D%/sign-keys.c \
	%D%/sign-keys.h \
	%D%/sign-record.c \
	%D%/sign-record.h \
	%D%/sign-store.c \
	%D%/sign-store.h \
	%D%/sign-write.c \
	%D%/sign-write.h

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
