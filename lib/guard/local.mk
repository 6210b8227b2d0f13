libgatepost_a_SOURCES += %D%/guard-conf.c
libgatepost_a_SOURCES += %D%/guard-conf.h
