libgatepost_a_SOURCES += \
	%D%/clock.c \
	%D%/clock.h \
	%D%/ip.c \
	%D%/ip.h \
	%D%/log.c \
	%D%/log.h \
	%D%/region.c \
	%D%/region.h \
	%D%/status.c \
	%D%/status.h \
	%D%/str.c \
	%D%/str.h \
	%D%/strbuf.c \
	%D%/strbuf.h
libgatepost_a_SOURCES += %D%/hash.c
libgatepost_a_SOURCES += %D%/hash.h
libgatepost_a_SOURCES += %D%/fold.c
libgatepost_a_SOURCES += %D%/fold.h
