libgatepost_a_SOURCES += \
	%D%/conf.c \
	%D%/conf.h \
	%D%/conf-errors.c \
	%D%/conf-print.c \
	%D%/conf-private.h \
	%D%/conf-scan.c \
	%D%/conf-value.c
libgatepost_a_SOURCES += %D%/conf-similar.c
