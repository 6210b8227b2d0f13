libgatepost_a_SOURCES += \
	%D%/auth.c \
	%D%/auth.h

# SPF
libgatepost_a_SOURCES += \
	%D%/spf.h

# DKIM
libgatepost_a_SOURCES += \
	%D%/dkim.h

# DMARC
libgatepost_a_SOURCES += \
	%D%/dmarc.h

# Authentication-Results
libgatepost_a_SOURCES += \
	%D%/authres.h

# iprev
libgatepost_a_SOURCES += \
	%D%/iprev.c \
	%D%/iprev.h
