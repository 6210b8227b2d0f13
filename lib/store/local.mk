libgatepost_a_SOURCES += %D%/store-conf.c
libgatepost_a_SOURCES += %D%/store-conf.h
libgatepost_a_SOURCES += %D%/store-memory.c
libgatepost_a_SOURCES += %D%/store-private.h
libgatepost_a_SOURCES += %D%/store-value.c
libgatepost_a_SOURCES += %D%/store-value.h
libgatepost_a_SOURCES += %D%/store.c
libgatepost_a_SOURCES += %D%/store.h
